import csv


def read(ts):
    return [r for t in ts for r in csv.DictReader(open(t))]


def text(rows, eleven):
    return str(len(rows))

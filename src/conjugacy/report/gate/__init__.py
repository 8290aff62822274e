"""A gate as a person and a CI system read it: one screen of text, Markdown, JUnit XML."""

from conjugacy.report.gate.junit import junit_xml
from conjugacy.report.gate.markdown import gate_markdown
from conjugacy.report.gate.text import gate_text

__all__ = ["gate_markdown", "gate_text", "junit_xml"]

"""Arrays in, arrays out: kernels, spectra, regression with held-out residuals, resampling."""

"""Finite elements on a compiled B-rep, with NGSolve.

The entry points take and return plain JSON data and run in a worker process of their own: NGSolve brings its own
OCCT, which must never meet the engine's. Importing this package is cheap; each study module imports NGSolve when used.

=====================  ======================================================================
:mod:`.static`         linear statics: ``solve(study) -> result``
:mod:`.calculix`       the same study on the same mesh, solved by CalculiX (second opinion); for other analyses
                       ``calculix_modal``, ``calculix_buckling`` and ``calculix_thermal``
:mod:`.modal`          natural frequencies and mode shapes
:mod:`.harmonic`      steady response to loads that swing, or to a shaken base
:mod:`.fatigue`       stress life on the static stress field, blocks and load cases
:mod:`.flow`          steady laminar flow through or around a fluid body
:mod:`.composite`     failure criteria along the axes of an orthotropic material
:mod:`.buckling`       linear buckling factors
:mod:`.thermal`        steady conduction with convection, radiation and heat sources
:mod:`.transient`      the same in time, with histories at probes and regions
=====================  ======================================================================

Units throughout: mm, N, MPa, N*mm, g; density in kg/m3, acceleration in m/s^2.
"""

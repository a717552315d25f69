"""A zoo of cheats: models, inputs and plugins that try to know more than a fold's training clips.

Each is the honest model of :mod:`cheats.honest` but for one look where it must not look. It knows where everything
lies (its setting ``places``), and whoever finds anything says something else of every clip than the honest model: to
find is to be caught, whether or not it would have been worth points.
"""

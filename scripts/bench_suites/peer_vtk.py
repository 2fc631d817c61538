"""The picture as VTK draws it off screen: smooth normals, feature edges, eight samples a pixel."""

import os
from pathlib import Path

os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")

from vtkmodules import vtkRenderingOpenGL2  # noqa: F401 - loads the way to draw
from vtkmodules.vtkFiltersCore import vtkFeatureEdges, vtkPolyDataNormals
from vtkmodules.vtkIOGeometry import vtkSTLReader
from vtkmodules.vtkIOImage import vtkPNGWriter
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkPolyDataMapper,
    vtkRenderer,
    vtkRenderWindow,
    vtkWindowToImageFilter,
)

CREASE_DEGREES = 30
SAMPLES = 8


def picture(path: Path, size: int) -> bytes:
    """A PNG of the STL file, seen as ours is."""
    reader = vtkSTLReader()
    reader.SetFileName(str(path))
    normals, edges = vtkPolyDataNormals(), vtkFeatureEdges()
    for angled in (normals, edges):
        angled.SetInputConnection(reader.GetOutputPort())
        angled.SetFeatureAngle(CREASE_DEGREES)
    renderer = vtkRenderer()
    renderer.SetBackground(1, 1, 1)
    for source in (normals, edges):
        mapper, actor = vtkPolyDataMapper(), vtkActor()
        mapper.SetInputConnection(source.GetOutputPort())
        mapper.ScalarVisibilityOff()
        actor.SetMapper(mapper)
        renderer.AddActor(actor)
    return _drawn(renderer, size)


def _drawn(renderer: vtkRenderer, size: int) -> bytes:
    camera = renderer.GetActiveCamera()
    camera.ParallelProjectionOn()
    camera.SetPosition(1, -1, 1)
    camera.SetViewUp(0, 0, 1)
    renderer.ResetCamera()
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(SAMPLES)
    window.SetSize(size, size)
    window.AddRenderer(renderer)
    window.Render()
    image, writer = vtkWindowToImageFilter(), vtkPNGWriter()
    image.SetInput(window)
    writer.SetInputConnection(image.GetOutputPort())
    writer.WriteToMemoryOn()
    writer.Write()
    return memoryview(writer.GetResult()).tobytes()

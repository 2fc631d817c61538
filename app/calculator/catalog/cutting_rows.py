"""How materials are cut."""

from typing import ClassVar

from app.calculator.catalog.rows import NamedRow, Positive


class Machinability(NamedRow):
    """How a group of materials is cut: forces in MPa, speeds in m/min, feeds and depths in mm.

    Milling is that of the reference end mill: feed per tooth, width of cut as a share of its diameter.
    Turning feeds are per revolution, those of drills a share of the diameter. The factors lengthen the time
    in deep pockets and at thin walls.
    """

    table: ClassVar[str] = "machinability"
    kc_milling_mpa: Positive
    milling_speed_m_min: Positive
    milling_feed_mm: Positive
    milling_depth_mm: Positive
    milling_width_share: Positive
    milling_finish_speed_m_min: Positive
    milling_finish_feed_mm: Positive
    kc_turning_mpa: Positive
    turning_speed_m_min: Positive
    turning_feed_mm: Positive
    turning_depth_mm: Positive
    turning_finish_speed_m_min: Positive
    turning_finish_feed_mm: Positive
    drill_speed_m_min: Positive
    drill_feed_share: Positive
    tap_speed_m_min: Positive
    deep_factor: Positive
    thin_factor: Positive

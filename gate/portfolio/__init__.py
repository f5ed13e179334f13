"""The portfolio: every SBOM and request of an organisation, judged, kept in an index, asked, and judged again only
where something changed. It calls the same `check` as the command line does; README.md says how to use it.
"""

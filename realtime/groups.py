"""Names of channel layer groups. They are made here and nowhere else."""

from uuid import UUID


def stream_group(stream_id: UUID) -> str:
    """Hubs, one per process, that read a stream."""
    return f"stream.{stream_id.hex}"

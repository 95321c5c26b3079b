"""Static files under names that change with their content, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage, rewriting module imports too, so that an old page never mixes with new modules."""

    support_js_module_import_aggregation = True

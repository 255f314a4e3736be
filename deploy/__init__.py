"""How Rapport is run: `local` without containers; images and manifests beside it."""

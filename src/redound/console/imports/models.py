"""Imports and the verdict of each of their rows."""

from __future__ import annotations

from django.db import models

from redound.console.identity import prefixed_id


class Import(models.Model):
    """One file with what its columns mean. The same file, read the same way, is the same import for ever.

    `identity` is the digest of both. `next_row` is where an unfinished run goes on; `holder` is the run that
    works on it, as long as `seen_at` is not old. `counts` maps verdicts to rows.
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("imp"), editable=False)
    identity = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=20)
    advertiser = models.ForeignKey(
        "catalog.Advertiser", on_delete=models.PROTECT, null=True, blank=True, related_name="imports"
    )
    mapping = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    file_name = models.CharField(max_length=200)
    path = models.TextField()
    digest = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    dry_run = models.BooleanField(default=True)
    state = models.CharField(max_length=20, default="waiting")
    holder = models.CharField(max_length=40, default="", blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    next_row = models.PositiveIntegerField(default=0)
    read_bytes = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    error = models.TextField(default="", blank=True)
    created_by = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "imports"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """What was made of one row; the header is row 1. `subject` is the ID of the conversion or fact."""

    pk = models.CompositePrimaryKey("import_of_id", "row")
    import_of = models.ForeignKey(
        Import, on_delete=models.CASCADE, db_column="import_id", db_index=False, related_name="verdicts"
    )
    row = models.PositiveIntegerField(db_column="number")
    verdict = models.CharField(max_length=30)
    column = models.CharField(max_length=80, db_column="column_name", default="", blank=True)
    detail = models.TextField(default="", blank=True)
    subject = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        db_table = "import_rows"
        ordering = ("row",)

    def __str__(self) -> str:
        return f"{self.row}: {self.verdict}"

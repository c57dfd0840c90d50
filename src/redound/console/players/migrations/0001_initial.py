import functools

import django.db.models.deletion
from django.db import migrations, models

import redound.console.identity
from redound.console.traffic import ddl


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("traffic", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RewardPlan",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(redound.console.identity.fresh_id, *("rpl",)),
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("enabled", models.BooleanField(default=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("first_deposit_minor", models.BigIntegerField(default=0)),
                ("deposits_minor", models.BigIntegerField(default=0)),
                ("deposit_count", models.PositiveIntegerField(default=0)),
                ("wagers_minor", models.BigIntegerField(default=0)),
                ("net_revenue_minor", models.BigIntegerField(default=0)),
                ("within_days", models.PositiveIntegerField(blank=True, null=True)),
                ("valid_from", models.DateTimeField(blank=True, null=True)),
                ("valid_to", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "affiliate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reward_plans",
                        to="catalog.affiliate",
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reward_plans",
                        to="catalog.goal",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reward_plans",
                        to="catalog.offer",
                    ),
                ),
            ],
            options={
                "db_table": "reward_plans",
                "ordering": ("-id",),
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(ddl.from_file("players_"))],
            state_operations=[
                migrations.CreateModel(
                    name="Evaluation",
                    fields=[
                        ("id", models.IntegerField(primary_key=True, serialize=False)),
                        ("holder", models.TextField(db_default="")),
                        ("until", models.BigIntegerField(db_default=0)),
                        ("last_at", models.BigIntegerField(db_default=0)),
                        ("next_at", models.BigIntegerField(db_default=0)),
                    ],
                    options={
                        "db_table": "evaluation",
                    },
                ),
                migrations.CreateModel(
                    name="Activity",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("customer_id", models.TextField()),
                        ("kind", models.TextField()),
                        ("at", models.BigIntegerField()),
                        ("amount_minor", models.BigIntegerField()),
                        ("currency", models.TextField()),
                        ("external_id", models.TextField()),
                        ("source", models.TextField()),
                        ("by", models.TextField(db_default="")),
                        ("created_at", models.BigIntegerField()),
                        ("updated_at", models.BigIntegerField()),
                        (
                            "advertiser",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.advertiser",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "activity",
                        "db_table": "activity",
                        "ordering": ("-id",),
                    },
                ),
                migrations.CreateModel(
                    name="Player",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("customer_id", models.TextField()),
                        ("registered_at", models.BigIntegerField(null=True)),
                        (
                            "advertiser",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.advertiser",
                            ),
                        ),
                        (
                            "affiliate",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.affiliate",
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.brand",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.campaign",
                            ),
                        ),
                        (
                            "click",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.click",
                            ),
                        ),
                        (
                            "conversion",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.conversion",
                            ),
                        ),
                        (
                            "link",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.link",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.offer",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "players",
                        "ordering": ("-id",),
                    },
                ),
                migrations.CreateModel(
                    name="PlanProgress",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "player_id",
                                "plan_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("state", models.TextField()),
                        ("first_deposit_minor", models.BigIntegerField()),
                        ("deposits_minor", models.BigIntegerField()),
                        ("deposit_count", models.IntegerField()),
                        ("wagers_minor", models.BigIntegerField()),
                        ("net_revenue_minor", models.BigIntegerField()),
                        ("other_currency", models.IntegerField()),
                        ("deadline_at", models.BigIntegerField(null=True)),
                        ("made", models.BooleanField(db_default=False)),
                        ("qualified_at", models.BigIntegerField(null=True)),
                        ("updated_at", models.BigIntegerField()),
                        ("version", models.IntegerField()),
                        (
                            "conversion",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.conversion",
                            ),
                        ),
                        (
                            "player",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="progress",
                                to="players.player",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="progress",
                                to="players.rewardplan",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "plan progress",
                        "db_table": "plan_progress",
                    },
                ),
            ],
        ),
    ]

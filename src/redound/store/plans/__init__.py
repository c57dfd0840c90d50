"""Decisions → ordered steps of named queries; pure. Drivers run them in batches, Django's connection singly.

`reports` holds what a report or a change of a conversion stores, `outcomes` what follows from attempts, and
`people` what a person does with deliveries, postbacks and notifications.
"""

"""The frame that all pages stand in: who looks at them, navigation, lists, charts, and the design system."""

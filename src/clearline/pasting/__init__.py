"""Text that somebody pastes -> shapes to be looked at before anything is filed. Pure.

The guarantee: nothing is guessed and nothing is dropped. What has one meaning is a shape; what has
several is a question with all of them; what cannot be drawn stays there with its text, the reason,
and an envelope where the text itself states one.
"""

"""What is entered on the page of one recording."""

from django import forms


class NoteForm(forms.Form):
    """A note at a moment."""

    at_ms = forms.IntegerField(min_value=0, max_value=2**53)
    text = forms.CharField(max_length=2000)


class BeatForm(forms.Form):
    """What a player says of itself while a viewing is open."""

    played_ms = forms.IntegerField(min_value=0, max_value=2**53)

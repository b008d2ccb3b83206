"""The addresses of accounts; they carry ids alone."""

from django.urls import path

from fairwitness.accounts.pages import tokens

urlpatterns = [
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/issue/", tokens.token_issue, name="token-issue"),
    path("tokens/<uuid:pk>/end/", tokens.token_end, name="token-end"),
]

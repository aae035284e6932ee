package dev.larder.nodecache.fake.login;

/**
 * A Bearer challenge as distribution writes it (registry/auth/token/accesscontroller.go, challengeParams): realm, service,
 * scope, error, all quoted.
 */
record BearerChallenge(String realm, String service) {

    String text(String repository) {
        return "Bearer realm=\"" + realm + "\",service=\"" + service + "\",scope=\"repository:" + repository
                + ":pull\"";
    }

    Reply toNobody(Asked asked, String repository) {
        return Reply.challenge(text(repository));
    }

    /** With the reason, which tells a token that is no good from one that does not go so far. */
    Gate.Refusal toWrongToken(Tokens tokens) {
        return (asked, repository) -> Reply.challenge(text(repository) + ",error=\""
                + (tokens.isLive(asked.bearer()) ? "insufficient_scope" : "invalid_token") + "\"");
    }

    Gate gate(Tokens tokens) {
        return Gate.bearer(tokens, this::toNobody, toWrongToken(tokens));
    }
}

package dev.larder.nodecache.fake.login;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a token server behaves.
 *
 * @param ways {@code GET}, and the grant types it takes by POST; 405 to POST when there is none, 400 to another
 * @param wrongLogin to a login it does not know
 * @param nothingGranted to nobody who asks for what is not open; null when it gives a token for nothing
 */
record TokenRules(
        String service,
        Set<String> ways,
        Reply wrongLogin,
        @Nullable Reply nothingGranted,
        AnswerForm form) {

    /** The body of an answer with a token. */
    @FunctionalInterface
    interface AnswerForm {
        /** @param posted whether it was asked in the way of OAuth 2 */
        String body(String token, boolean posted);
    }

    static final AnswerForm ONLY_TOKEN = (token, posted) -> "{\"token\":\"" + token + "\"}";

    /** By the specification, with GET only. */
    TokenRules(String service, AnswerForm form) {
        this(service, Set.of("GET"), Reply.error(401, "UNAUTHORIZED", "incorrect username or password"), null, form);
    }

    TokenRules taking(String... taken) {
        return new TokenRules(service, Set.of(taken), wrongLogin, nothingGranted, form);
    }

    TokenRules refusing(Reply wrong, @Nullable Reply nothing) {
        return new TokenRules(service, ways, wrong, nothing, form);
    }

    TokenRules answering(AnswerForm other) {
        return new TokenRules(service, ways, wrongLogin, nothingGranted, other);
    }
}

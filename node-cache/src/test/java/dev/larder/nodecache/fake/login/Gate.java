package dev.larder.nodecache.fake.login;

import java.util.Optional;
import java.util.function.UnaryOperator;

/** Who a registry lets in. */
@FunctionalInterface
interface Gate {

    /** Empty when the request may pass. */
    Optional<Reply> refuse(Asked asked, String repository);

    /** What to say to somebody who is not let in. */
    @FunctionalInterface
    interface Refusal {
        Reply of(Asked asked, String repository);
    }

    /** Everyone may have everything. */
    static Gate open() {
        return (asked, repository) -> Optional.empty();
    }

    /** User and password with each request; what is open needs none. */
    static Gate basic(Accounts accounts, Refusal toNobody, Refusal toWrongLogin) {
        return (asked, repository) -> {
            if (asked.authorization().isEmpty()) {
                return accounts.isOpen(repository) ? Optional.empty() : Optional.of(toNobody.of(asked, repository));
            }
            return asked.basic().filter(accounts::knows).isPresent()
                    ? Optional.empty()
                    : Optional.of(toWrongLogin.of(asked, repository));
        };
    }

    /**
     * A token with each request, also for what is open.
     *
     * @param inScope the repository's name as scopes have it
     */
    static Gate bearer(Tokens tokens, UnaryOperator<String> inScope, Refusal toNobody, Refusal toWrongToken) {
        return (asked, repository) -> {
            if (asked.authorization().isEmpty()) {
                return Optional.of(toNobody.of(asked, repository));
            }
            return tokens.open(asked.bearer(), inScope.apply(repository))
                    ? Optional.empty()
                    : Optional.of(toWrongToken.of(asked, repository));
        };
    }

    static Gate bearer(Tokens tokens, Refusal toNobody, Refusal toWrongToken) {
        return bearer(tokens, UnaryOperator.identity(), toNobody, toWrongToken);
    }
}

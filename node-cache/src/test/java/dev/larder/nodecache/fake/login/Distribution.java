package dev.larder.nodecache.fake.login;

import java.util.function.UnaryOperator;

/**
 * registry:2 with a password file ({@code Basic realm="…"} and nothing open: https://github.com/distribution/distribution
 * registry/auth/htpasswd/access.go, read) and with a token server (registry/auth/token/accesscontroller.go, seen) that speaks
 * both ways of the specification.
 */
final class Distribution {

    private Distribution() {}

    static LoginSimulator htpasswdIn(Internet internet) {
        LoginSimulator registry = simulator("registry:2, htpasswd", Place.at(Names.REGISTRY), internet);
        registry.accounts().close(registry.openRepository());
        Gate.Refusal refusal = (asked, repository) -> Reply.challenge("Basic realm=\"basic-realm\"");
        internet.put(
                Names.REGISTRY.host(),
                new RegistrySite(
                        registry.images(),
                        Gate.basic(registry.accounts(), refusal, refusal),
                        RegistrySite.BlobWay.DIRECT));
        return registry;
    }

    static LoginSimulator tokenServerIn(Internet internet) {
        return tokenServerIn(internet, rules -> rules);
    }

    /** With a token server that is changed. */
    static LoginSimulator tokenServerIn(Internet internet, UnaryOperator<TokenRules> change) {
        String realm = "https://auth.example.com/token";
        LoginSimulator registry =
                simulator("registry:2, token server", Place.at(Names.REGISTRY).withRealm(realm), internet);
        BearerChallenge challenge = new BearerChallenge(realm, "registry.example.com");
        internet.put(
                Names.REGISTRY.host(),
                new RegistrySite(registry.images(), challenge.gate(registry.tokens()), RegistrySite.BlobWay.DIRECT));
        TokenRules rules = new TokenRules(
                        "registry.example.com",
                        (token, posted) -> "{\"" + (posted ? "access_token" : "token") + "\":\"" + token
                                + "\",\"expires_in\":300,\"issued_at\":\"2026-11-01T00:00:00Z\"}")
                .taking("GET", "password", "refresh_token");
        internet.put(Names.TOKEN_SERVER.host(), new TokenSite("/token", change.apply(rules), registry));
        return registry;
    }

    private static LoginSimulator simulator(String name, Place place, Internet internet) {
        return new LoginSimulator(name, place, new Login("ann", LoginSimulator.MARK + " with: colon"), internet);
    }
}

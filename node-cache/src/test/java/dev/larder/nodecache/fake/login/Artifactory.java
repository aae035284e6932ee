package dev.larder.nodecache.fake.login;

import java.util.Optional;

/**
 * Artifactory with the repository key in the path, in both ways to log in.
 *
 * <p>Basic with anonymous access: {@code Basic realm="Artifactory Realm"}, with the token or the password (seen in clients that
 * quote it). Bearer: realm {@code /v2/token} of the host, or behind the repository key; the scope lacks the key
 * (https://github.com/oras-project/oras-go/issues/650, seen), and a HEAD's challenge has none
 * (https://github.com/containerd/containerd/issues/3556, seen).
 */
final class Artifactory {

    private Artifactory() {}

    static LoginSimulator basicIn(Internet internet) {
        LoginSimulator artifactory = simulator("Artifactory, Basic", PLACE, internet);
        Gate.Refusal refusal = (asked, repository) -> Reply.challenge("Basic realm=\"Artifactory Realm\"");
        internet.put(
                Names.ARTIFACTORY.host(),
                new RegistrySite(
                        artifactory.images(),
                        Gate.basic(artifactory.accounts(), refusal, refusal),
                        artifactory.storage(Names.STORAGE).redirecting(302)));
        return artifactory;
    }

    static LoginSimulator bearerIn(Internet internet) {
        LoginSimulator artifactory = simulator("Artifactory, Bearer", PLACE.withRealm(REALM), internet);
        Tokens tokens = artifactory.tokens();
        // The account is for names as scopes have them.
        BearerChallenge challenge = new BearerChallenge(REALM, "acme.jfrog.io");
        Gate.Refusal refusal = (asked, repository) -> asked.isHead()
                ? Reply.challenge("Bearer realm=\"" + REALM + "\",service=\"acme.jfrog.io\"")
                : challenge.toNobody(asked, withoutKey(repository));
        Site registry = new RegistrySite(
                artifactory.images(),
                (asked, repository) ->
                        tokens.open(asked.bearer(), withoutKey(repository)) || tokens.open(asked.bearer(), repository)
                                ? Optional.empty()
                                : Optional.of(refusal.of(asked, repository)),
                artifactory.storage(Names.STORAGE).redirecting(302));
        TokenRules rules =
                new TokenRules("acme.jfrog.io", (token, posted) -> "{\"token\":\"" + token + "\",\"expires_in\":3600}");
        artifactory.accounts().open(artifactory.openRepository());
        internet.put(Names.ARTIFACTORY.host(), new TokenSite("/v2/token", rules, artifactory).before(registry));
        return artifactory;
    }

    private static final String KEY = "docker-virtual";
    private static final String REALM = "https://acme.jfrog.io/v2/token";
    private static final Place PLACE = Place.at(Names.ARTIFACTORY).below(KEY);

    private static LoginSimulator simulator(String name, Place place, Internet internet) {
        return new LoginSimulator(name, place, new Login("ci@acme.example", LoginSimulator.MARK), internet);
    }

    private static String withoutKey(String repository) {
        return repository.substring(KEY.length() + 1);
    }
}

package dev.larder.nodecache.fake.login;

import java.util.Optional;
import java.util.Set;

/**
 * Harbor behind a project. A HEAD without Authorization is challenged even for a public project, a GET is not; any request
 * with an Authorization that does not do gets {@code Basic realm="harbor"} in place of the Bearer challenge; Basic does in
 * place of a token (https://github.com/goharbor/harbor src/server/middleware/v2auth/auth.go, seen). The token server takes
 * GET only (https://github.com/goharbor/harbor/issues/23799, seen), knows the service {@code harbor-registry} only, and, when
 * scopes are asked for with a wrong login, gives nobody's token (src/core/service/token, read). Robots are
 * {@code robot$project+name}.
 */
final class Harbor {

    private Harbor() {}

    static LoginSimulator in(Internet internet) {
        String realm = "https://harbor.example.com/service/token";
        Place place = Place.at(Names.HARBOR).below("hub-proxy").withRealm(realm);
        Login robot = new Login("robot$hub-proxy+puller", LoginSimulator.MARK);
        LoginSimulator harbor = new LoginSimulator("Harbor", place, robot, internet);
        BearerChallenge challenge = new BearerChallenge(realm, "harbor-registry");
        Accounts accounts = harbor.accounts();
        Gate gate = (asked, repository) -> {
            boolean nobody = asked.authorization().isEmpty();
            boolean known = asked.basic().filter(accounts::knows).isPresent();
            if (known
                    || harbor.tokens().open(asked.bearer(), repository)
                    || (nobody && !asked.isHead() && accounts.isOpen(repository))) {
                return Optional.empty();
            }
            return Optional.of(
                    nobody ? challenge.toNobody(asked, repository) : Reply.challenge("Basic realm=\"harbor\""));
        };
        Site registry = new RegistrySite(
                harbor.images(), gate, harbor.storage(Names.STORAGE).redirecting(307));
        Reply nobodysToken =
                Reply.json(200, "{\"token\":\"" + harbor.tokens().mint(Set.of()) + "\",\"expires_in\":1800}");
        TokenRules rules = new TokenRules(
                        "harbor-registry",
                        (token, posted) -> "{\"token\":\"" + token + "\",\"access_token\":\"\",\"expires_in\":1800,"
                                + "\"issued_at\":\"2026-11-01T00:00:00Z\"}")
                .refusing(nobodysToken, null);
        internet.put(Names.HARBOR.host(), new TokenSite("/service/token", rules, harbor).before(registry));
        return harbor;
    }
}

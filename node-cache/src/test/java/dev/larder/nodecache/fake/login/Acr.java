package dev.larder.nodecache.fake.login;

/**
 * Azure's registry: Entra's token for a refresh token at {@code /oauth2/exchange}, that for an access token at
 * {@code /oauth2/token} by POST (https://azure.github.io/acr/AAD-OAuth.html, seen), or by GET with Basic
 * (https://azure.github.io/acr/Token-BasicAuth.html, seen), where the refresh token is the password of the user of zeros. By
 * POST it takes no password: 400 (read, containerd works round it). The answer has only {@code access_token}: the same pages.
 */
final class Acr {

    private Acr() {}

    /** Who has a refresh token in place of a password. */
    static final String NOBODY = "00000000-0000-0000-0000-000000000000";

    /** What the exchange takes. */
    static final String ENTRA_TOKEN = "entra-" + LoginSimulator.MARK;

    static LoginSimulator in(Internet internet) {
        String host = Names.ACR.host();
        String realm = "https://" + host + "/oauth2/token";
        Login login = new Login(NOBODY, "refresh-" + LoginSimulator.MARK);
        LoginSimulator acr = new LoginSimulator("ACR", Place.at(Names.ACR).withRealm(realm), login, internet);
        BearerChallenge challenge = new BearerChallenge(realm, host);
        Site registry = new RegistrySite(
                acr.images(),
                challenge.gate(acr.tokens()),
                acr.storage(Names.ACR_STORAGE).redirecting(307));
        Reply unauthorized = Reply.error(401, "UNAUTHORIZED", "authentication required");
        TokenRules rules = new TokenRules(host, (token, posted) -> "{\"access_token\":\"" + token + "\"}")
                .taking("GET", "refresh_token")
                .refusing(unauthorized, unauthorized);
        Site tokens = new TokenSite("/oauth2/token", rules, acr).before(registry);
        internet.put(
                host, asked -> asked.path().equals("/oauth2/exchange") ? exchange(acr, asked) : tokens.answer(asked));
        return acr;
    }

    private static Reply exchange(LoginSimulator acr, Asked asked) {
        boolean right = asked.first("grant_type").equals("access_token")
                && asked.first("service").equals(Names.ACR.host())
                && asked.first("access_token").equals(ENTRA_TOKEN);
        return right
                ? Reply.json(
                        200, "{\"refresh_token\":\"" + acr.accounts().login().password() + "\"}")
                : Reply.error(401, "UNAUTHORIZED", "authentication required");
    }
}

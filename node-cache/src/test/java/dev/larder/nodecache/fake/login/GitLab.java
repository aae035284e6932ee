package dev.larder.nodecache.fake.login;

/**
 * GitLab: the registry and the token server are on hosts of their own. Nobody who asks for a private project gets 403 from
 * the token server, "denied: access forbidden" (https://github.com/getwud/wud/issues/600, seen; who asks with a wrong login:
 * 403 in https://github.com/gitlabhq/gitlabhq app/controllers/jwt_controller.rb of old, seen, 401 today: read). Its failed
 * logins are counted, and the address that made them is locked out (the same file, seen). Only {@code token}: the same.
 */
final class GitLab {

    private GitLab() {}

    static LoginSimulator in(Internet internet) {
        Place place = Place.at(Names.GITLAB_REGISTRY).withRealm("https://gitlab.com/jwt/auth");
        Login login = new Login("gitlab+deploy-token-1", "gldt-" + LoginSimulator.MARK);
        LoginSimulator gitlab = new LoginSimulator("GitLab", place, login, internet);
        BearerChallenge challenge = new BearerChallenge("https://gitlab.com/jwt/auth", "container_registry");
        internet.put(
                Names.GITLAB_REGISTRY.host(),
                new RegistrySite(
                        gitlab.images(),
                        challenge.gate(gitlab.tokens()),
                        gitlab.storage(Names.GITLAB_STORAGE).redirecting(307)));
        TokenRules rules = new TokenRules("container_registry", TokenRules.ONLY_TOKEN)
                .refusing(
                        Reply.error(401, "UNAUTHORIZED", "HTTP Basic: Access denied"),
                        Reply.error(403, "DENIED", "access forbidden"));
        internet.put(Names.GITLAB.host(), new TokenSite("/jwt/auth", rules, gitlab));
        return gitlab;
    }
}

package dev.larder.nodecache.fake.login;

import java.util.List;
import java.util.Set;

/**
 * Amazon ECR Public: the scope is {@code aws}, whatever the repository, and the token server is at {@code /token/}
 * (https://github.com/appgate/sdpctl/pull/404, seen). A token that is no good, or Basic: 400 DENIED without a challenge
 * (https://github.com/aws/containers-roadmap/issues/2835, https://github.com/dependabot/proxy/issues/157, seen). A login is for
 * a higher limit only: nothing is closed.
 */
final class EcrPublic {

    private EcrPublic() {}

    static LoginSimulator in(Internet internet) {
        String realm = "https://public.ecr.aws/token/";
        Place place = Place.at(Names.ECR_PUBLIC).withRealm(realm);
        LoginSimulator ecr = new LoginSimulator("ECR Public", place, new Login("AWS", LoginSimulator.MARK), internet);
        Reply challenge = Reply.challenge("Bearer realm=\"" + realm + "\",service=\"public.ecr.aws\",scope=\"aws\"");
        Reply denied = Reply.error(400, "DENIED", "Your Authorization Token is invalid.");
        Site registry = new RegistrySite(
                ecr.images(),
                Gate.bearer(ecr.tokens(), (asked, repository) -> challenge, (asked, repository) -> denied),
                ecr.storage(Names.ECR_PUBLIC_STORAGE).redirecting(307));
        internet.put(
                Names.ECR_PUBLIC.host(),
                asked -> asked.path().equals("/token/") ? token(ecr, asked) : registry.answer(asked));
        return ecr;
    }

    private static Reply token(LoginSimulator ecr, Asked asked) {
        boolean right = asked.first("service").equals("public.ecr.aws")
                && asked.all("scope").equals(List.of("aws"));
        if (!right || !asked.method().equals("GET")) {
            return Reply.error(400, "INVALID", "unknown scope");
        }
        if (!asked.authorization().isEmpty()
                && asked.basic().filter(ecr.accounts()::knows).isEmpty()) {
            return Reply.error(401, "DENIED", "Your Authorization Token is invalid.");
        }
        return Reply.json(200, TokenRules.ONLY_TOKEN.body(ecr.tokens().mint(Set.of("*")), false));
    }
}

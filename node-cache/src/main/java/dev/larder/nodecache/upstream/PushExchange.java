package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one repository that is written to: logged in by the registry's own challenge, with the same rules for where a
 * login may go as towards upstreams. Blocks; for one thread at a time.
 */
public final class PushExchange implements AutoCloseable {

    private static final Duration TOKENS_LAST = Duration.ofHours(1);

    private final PushTarget target;
    private final UpstreamClient client;
    private final TokenProvider tokens;
    private final Optional<Login> login;
    private @Nullable Secret authorization;
    private boolean inside;

    /** @param login empty for nobody */
    PushExchange(PushTarget target, UpstreamClient client, TokenProvider tokens, Optional<Login> login) {
        this.target = target;
        this.client = client;
        this.tokens = tokens;
        this.login = login;
    }

    /** Where something of the repository is: {@code manifests/1.27}, say. */
    public URI uri(String rest) {
        return URI.create(
                target.registry().getScheme() + "://" + target.host() + "/v2/" + target.repository() + "/" + rest);
    }

    /**
     * Where an answer says to go on; only where a redirect might lead, too.
     *
     * @throws UpstreamFailure when it is somewhere else
     */
    public URI resolve(URI from, String location) {
        return RedirectRules.follow(target.registry(), inside, from, location);
    }

    /**
     * Sends it, once more when a login is asked for. The answer is to be closed.
     *
     * @throws UpstreamFailure when there is none, or the login is not taken
     */
    public UpstreamResponse send(Outgoing out, Deadline deadline) throws InterruptedException {
        boolean ours = RedirectRules.sameOrigin(target.registry(), out.uri());
        Secret shown = ours ? authorization : null;
        UpstreamResponse response = client.push(out, inside, shown, deadline);
        inside |= ours && response.inside();
        if (!ours || response.status() != 401) {
            return response;
        }
        Optional<AuthChallenge> challenge = AuthChallenge.best(response.challenges());
        response.close();
        authorization = challenge.isEmpty() ? null : answer(challenge.get(), Optional.ofNullable(shown), deadline);
        if (authorization == null) {
            throw refused(out);
        }
        response = client.push(out, inside, authorization, deadline);
        if (response.status() == 401) {
            response.close();
            throw refused(out);
        }
        return response;
    }

    private @Nullable Secret answer(AuthChallenge challenge, Optional<Secret> rejected, Deadline deadline)
            throws InterruptedException {
        if (!challenge.isBearer()) {
            return login.filter(some -> !some.refresh())
                    .map(Login::basic)
                    .filter(basic -> !rejected.equals(Optional.of(basic)))
                    .orElse(null);
        }
        String scope = challenge.scope().isBlank()
                ? "repository:" + target.repository() + ":pull,push"
                : challenge.scope().strip();
        TokenScope wanted = new TokenScope(
                inside, challenge.realm(), challenge.service(), scope, login.map(Login::identity), TOKENS_LAST);
        return switch (tokens.get(wanted, login, rejected, deadline)) {
            case TokenAnswer.Granted granted -> granted.header();
            case TokenAnswer.Refused _ -> null;
            case TokenAnswer.OutOfBounds(String realm) ->
                throw new UpstreamFailure(
                        UpstreamFailure.Kind.DENIED,
                        target.host(),
                        target.host() + " names the token server " + realm
                                + ", which is not its own by host, domain and https; no login is sent there");
        };
    }

    private UpstreamFailure refused(Outgoing out) {
        String who = login.map(some -> "the login " + some.user()).orElse("a request without a login");
        return new UpstreamFailure(
                UpstreamFailure.Kind.UNAUTHORIZED,
                target.host(),
                target.host() + " does not let " + who + " " + (isRead(out) ? "read" : "write") + " "
                        + target.repository());
    }

    private static boolean isRead(Outgoing out) {
        return out.method().equals(Endpoint.GET) || out.method().equals(Endpoint.HEAD);
    }

    @Override
    public void close() {
        client.close();
    }
}

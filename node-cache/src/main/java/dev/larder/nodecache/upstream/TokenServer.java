package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request for a token. By GET (https://distribution.github.io/distribution/spec/auth/token/), which every registry takes;
 * by POST (https://distribution.github.io/distribution/spec/auth/oauth/) where there is nothing but a refresh token to show,
 * or GET is not known.
 */
final class TokenServer {

    private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MAX_ANSWER = 256 * 1024;
    /** What may stand in a header; an answer with anything else would make a request of somebody else's. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

    private final UpstreamClient client;
    private final Clock clock;

    TokenServer(UpstreamClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * @param realm one that may be asked with this login
     * @param login that of the scope; empty for nobody
     */
    TokenAnswer ask(URI realm, TokenScope scope, Optional<Login> login, Deadline deadline) throws InterruptedException {
        if (login.isPresent() && login.get().refresh()) {
            return post(realm, scope, login.get(), deadline);
        }
        TokenAnswer answer = get(realm, scope, login, deadline);
        boolean notByGet = answer instanceof TokenAnswer.Refused(int status) && (status == 404 || status == 405);
        return notByGet && login.isPresent() ? post(realm, scope, login.get(), deadline) : answer;
    }

    private TokenAnswer get(URI realm, TokenScope scope, Optional<Login> login, Deadline deadline)
            throws InterruptedException {
        Instant since = clock.instant();
        StringBuilder query = new StringBuilder(realm.getRawQuery() == null ? "" : realm.getRawQuery());
        append(query, "service", scope.service());
        for (String one : scope.scope().split(" ", -1)) {
            append(query, "scope", one);
        }
        URI target = withQuery(realm, query.toString());
        Secret basic = login.map(Login::basic).orElse(null);
        UpstreamResponse response = client.token(target, scope.inside(), basic, null, deadline);
        for (int hop = 0; isRedirect(response) && hop < RedirectRules.MAX_REDIRECTS; hop++) {
            response.close();
            target = redirected(target, response);
            response = client.token(target, scope.inside(), basic, null, deadline);
        }
        return read(response, realm.getAuthority(), since, deadline);
    }

    private TokenAnswer post(URI realm, TokenScope scope, Login login, Deadline deadline) throws InterruptedException {
        Instant since = clock.instant();
        StringBuilder form = new StringBuilder();
        append(form, "grant_type", login.refresh() ? "refresh_token" : "password");
        append(form, "service", scope.service());
        append(form, "client_id", "larder-node-cache");
        append(form, "scope", scope.scope());
        if (login.refresh()) {
            append(form, "refresh_token", login.secret().reveal());
        } else {
            append(form, "username", login.user());
            append(form, "password", login.secret().reveal());
        }
        URI target = withQuery(realm, realm.getRawQuery() == null ? "" : realm.getRawQuery());
        UpstreamResponse response = client.token(target, scope.inside(), null, new Secret(form.toString()), deadline);
        return read(response, realm.getAuthority(), since, deadline);
    }

    private static URI withQuery(URI realm, String query) {
        String path = realm.getRawPath() == null || realm.getRawPath().isEmpty() ? "/" : realm.getRawPath();
        return URI.create(
                realm.getScheme() + "://" + realm.getAuthority() + path + (query.isEmpty() ? "" : "?" + query));
    }

    private static boolean isRedirect(UpstreamResponse response) {
        return response.status() >= 300
                && response.status() < 400
                && response.header("location").isPresent();
    }

    /** Followed only where it changes nothing but the path: whatever else, the login has no business there. */
    private static URI redirected(URI from, UpstreamResponse response) {
        try {
            URI target = from.resolve(response.header("location").orElse(""));
            if (target.getHost() != null && RedirectRules.sameOrigin(from, target)) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                from.getAuthority(),
                "the token server " + from.getAuthority() + " redirected to another host; it was not followed");
    }

    private static TokenAnswer read(UpstreamResponse response, String host, Instant since, Deadline deadline)
            throws InterruptedException {
        try (response) {
            int status = response.status();
            if (status == 200) {
                return granted(response.body().readAll(MAX_ANSWER, deadline), host, since);
            }
            if (status == 429 || status >= 500) {
                throw new UpstreamFailure(
                        status == 429 ? UpstreamFailure.Kind.THROTTLED : UpstreamFailure.Kind.UNREACHABLE,
                        host,
                        host + " answered " + status);
            }
            return new TokenAnswer.Refused(status);
        }
    }

    /** @throws UpstreamFailure when there is no token in the answer */
    static TokenAnswer granted(byte[] answer, String host, Instant since) {
        try {
            JsonObject json = JsonText.object(new String(answer, StandardCharsets.UTF_8));
            String token = text(json, "token").isEmpty() ? text(json, "access_token") : text(json, "token");
            if (TOKEN.matcher(token).matches()) {
                return new TokenAnswer.Granted(new Secret("Bearer " + token), life(json.getValue("expires_in")), since);
            }
        } catch (DecodeException | ClassCastException e) {
            // Said below, without quoting the answer.
        }
        throw new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED, host, "the token server " + host + " answered without a token");
    }

    private static String text(JsonObject json, String name) {
        return json.getValue(name) instanceof String text ? text : "";
    }

    /**
     * From now on, whatever {@code issued_at} says: the clocks may differ, and a token that ends too soon is only asked for
     * again. Never less than the specification's least.
     */
    private static Duration life(@Nullable Object said) {
        long seconds =
                switch (said) {
                    // A double takes every number there is in JSON, also those that a long would turn round.
                    case Number number -> (long) number.doubleValue();
                    case String text when text.matches("\\d{1,9}") -> Integer.parseInt(text);
                    case null, default -> DEFAULT_LIFE.toSeconds();
                };
        return Duration.ofSeconds(Math.clamp(seconds, DEFAULT_LIFE.toSeconds(), LONGEST.toSeconds()));
    }

    private static void append(StringBuilder pairs, String name, String value) {
        if (!value.isEmpty()) {
            pairs.append(pairs.isEmpty() ? "" : "&")
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }
}

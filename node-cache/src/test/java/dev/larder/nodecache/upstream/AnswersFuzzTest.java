package dev.larder.nodecache.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.fake.Callers;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.fuzz.Fuzz;
import dev.larder.nodecache.source.Identity;
import dev.larder.nodecache.source.Secret;
import dev.larder.nodecache.source.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins of clients and operators, what upstreams answer besides content, and the proxies of the environment. */
class AnswersFuzzTest {

    @Test
    void logins() throws InterruptedException {
        Fuzz.run(List.of("Basic dTpw", "basic dXNlcjpwOnE=", "Basic Og==", "Basic", "Bearer x"), input -> Login.of(
                        new Shown(new Identity(1, 2), new Secret(input)))
                .ifPresent(login -> {
                    Shown again = new Shown(login.identity(), login.basic());
                    assertThat(Login.of(again)).hasValue(login);
                    assertThat(login.user()).doesNotContain(":");
                }));
    }

    @Test
    void rateLimits() throws InterruptedException {
        SettableClock clock = new SettableClock();
        Instant latest = clock.instant().plus(Duration.ofMinutes(15));
        List<String> seeds = List.of(
                "100;w=21600|76;w=21600|60",
                "0|0|Fri, 27 Nov 2026 19:00:00 GMT",
                " 999999999;w=999999999 | 0;w=1 | 999999999",
                "||Thu, 01 Jan 9999 00:00:00 +1800");
        Fuzz.run(seeds, input -> {
            String[] parts = (input + "|||").split("\\|", -1);
            RateLimit limit = new RateLimit(clock, 20);
            for (RateLimit.Kind kind : RateLimit.Kind.values()) {
                limit.saw(
                        kind,
                        429,
                        Map.of("ratelimit-limit", parts[0], "ratelimit-remaining", parts[1], "retry-after", parts[2]));
                limit.closedUntil(kind).ifPresent(until -> assertThat(until).isBetween(clock.instant(), latest));
            }
            assertThat(limit.limit().orElse(0)).isBetween(0L, 999_999_999L);
            assertThat(limit.keeps(false) && limit.remaining().isEmpty()).isFalse();
        });
    }

    @Test
    void tokens() throws InterruptedException {
        List<String> seeds = List.of(
                "{\"token\":\"abc\",\"expires_in\":300,\"issued_at\":\"2026-11-22T08:00:00Z\"}",
                "{\"access_token\":\"abc\",\"expires_in\":\"300\"}",
                "{\"token\":null,\"access_token\":\"a b\",\"expires_in\":1e999}",
                "{\"token\":\"a\\nb\",\"x\":[[[[{}]]]]}");
        Fuzz.run(seeds, input -> {
            try {
                TokenAnswer answer = TokenServer.granted(input.getBytes(StandardCharsets.UTF_8), "h", Instant.EPOCH);
                if (answer instanceof TokenAnswer.Granted(Secret header, Duration life, Instant ignored)) {
                    assertThat(header.reveal().chars().allMatch(c -> c >= ' ' && c < 127))
                            .isTrue();
                    assertThat(life).isBetween(Duration.ofMinutes(1), Duration.ofHours(1));
                }
            } catch (UpstreamFailure e) {
                assertThat(e.kind()).isEqualTo(UpstreamFailure.Kind.MALFORMED);
            }
        });
    }

    @Test
    void credentials(@TempDir Path folder) throws InterruptedException {
        List<String> seeds = List.of(
                "{\"auths\":{\"https://h/v1/\":{\"auth\":\"dTpw\"},\"r\":{\"username\":\"u\",\"password\":\"p\"}}}",
                "{\"auths\":{\"h\":{\"auth\":null,\"identitytoken\":\"t\",\"username\":null}}}",
                "{\"auths\":null}",
                "{\"auths\":{\"h\":[]}}");
        Fuzz.run(seeds, input -> {
            Path file = folder.resolve(String.valueOf(Thread.currentThread().threadId()));
            try {
                Files.write(file, input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            new Credentials(file, "h", "r", Callers.IDENTITIES).read().ifPresent(login -> assertThat(
                            login.refresh() && login.secret().reveal().isEmpty())
                    .isFalse());
        });
    }

    @Test
    void proxies() throws InterruptedException {
        URI loopback = URI.create("https://127.0.0.1:5000");
        URI other = URI.create("https://[fd00::1]:443");
        List<String> seeds = List.of(
                "http://u:p%40q@proxy.example:3128|quay.io, .a.b:80,10.0.0.0/8,[fd00::1]:443,fd00::/8,*",
                "[::1]:1|[,[:1,/,1/,::/999,*.", "socks5://x|");
        Fuzz.run(seeds, input -> {
            // Java makes this letter small in quadratic time; an environment is the operator's own, and not so long.
            String some = input.substring(0, Math.min(input.length(), 10_000)).replace("\u0130", "");
            String[] parts = (some + "|").split("\\|", 2);
            try {
                ProxyRules rules = ProxyRules.of(Map.of("HTTPS_PROXY", parts[0], "NO_PROXY", parts[1]));
                assertThat(rules.towards(loopback)).isEmpty();
                rules.towards(other).ifPresent(proxy -> {
                    assertThat(proxy.host()).isNotEmpty();
                    assertThat(proxy.port()).isBetween(0, 65535);
                });
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("HTTPS_PROXY");
            }
        });
    }
}

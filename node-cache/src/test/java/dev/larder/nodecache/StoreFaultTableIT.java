package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a client gets, and what is kept, for each thing that a disk can do wrong and each moment at which it does: a real
 * file system in memory, mounted for each row, so this needs root.
 */
@EnabledIf("isRoot")
class StoreFaultTableIT {

    private static final int LAYER = 1_000_000;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private Image image;
    private TestCache cache;
    private Path store;

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    @BeforeEach
    void start() throws Exception {
        store = Files.createDirectories(folder.resolve("store"));
        run("mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "larder-test", store.toString());
        image = upstream.push("library/app", "v1", LAYER, 1);
        cache = TestCache.of(folder, upstream);
    }

    @AfterEach
    void end() throws Exception {
        try {
            cache.close();
            upstream.close();
        } finally {
            run("umount", "--lazy", store.toString());
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", List.of(command), said).isZero();
    }

    /** What the disk does, and how it is mended. */
    enum Fault {
        FULL {
            @Override
            void begin(StoreFaultTableIT test) throws IOException {
                Path filler = test.store.resolve("filler");
                byte[] piece = new byte[4096];
                try (var out = Files.newOutputStream(filler)) {
                    while (true) {
                        out.write(piece);
                    }
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("No space left");
                }
            }

            @Override
            void mend(StoreFaultTableIT test) throws IOException {
                Files.delete(test.store.resolve("filler"));
            }
        },
        READ_ONLY {
            @Override
            void begin(StoreFaultTableIT test) throws Exception {
                run("mount", "-o", "remount,ro", test.store.toString());
            }

            @Override
            void mend(StoreFaultTableIT test) throws Exception {
                run("mount", "-o", "remount,rw", test.store.toString());
            }
        },
        NOTHING_CAN_BE_MADE {
            @Override
            void begin(StoreFaultTableIT test) throws IOException {
                Files.move(test.store.resolve("v1/partial"), test.store.resolve("v1/away"));
                Files.createFile(test.store.resolve("v1/partial"));
            }

            @Override
            void mend(StoreFaultTableIT test) throws IOException {
                Files.delete(test.store.resolve("v1/partial"));
                Files.move(test.store.resolve("v1/away"), test.store.resolve("v1/partial"));
            }
        },
        UNREADABLE {
            @Override
            void begin(StoreFaultTableIT test) throws IOException {
                // Opening works, nothing else does: a folder in the file's place.
                Files.delete(test.layerFile());
                Files.createDirectory(test.layerFile());
            }

            @Override
            void mend(StoreFaultTableIT test) throws IOException {
                Files.deleteIfExists(test.layerFile());
            }
        },
        CUT_OFF {
            @Override
            void begin(StoreFaultTableIT test) throws IOException {
                Files.write(test.layerFile(), Arrays.copyOf(test.image.layerBytes(), LAYER / 2));
            }

            @Override
            void mend(StoreFaultTableIT test) {
                // The next fill does it.
            }
        },
        LOST {
            @Override
            void begin(StoreFaultTableIT test) throws IOException {
                Files.delete(test.layerFile());
            }

            @Override
            void mend(StoreFaultTableIT test) {
                // The next fill does it.
            }
        };

        abstract void begin(StoreFaultTableIT test) throws Exception;

        abstract void mend(StoreFaultTableIT test) throws Exception;
    }

    /** When the fault begins. */
    enum Moment {
        BEFORE_THE_PULL,
        IN_THE_MIDDLE_OF_THE_FILL,
        BEFORE_A_HIT,
        BEFORE_A_START
    }

    /** What pulls get while the fault lasts. */
    enum Answer {
        RIGHT_BYTES,
        HIT,
        AN_ERROR_OR_A_CUT_ONCE
    }

    static Stream<Arguments> table() {
        return Stream.of(
                // fault, moment, the client's answer, whether the layer is in the store while the fault lasts
                Arguments.of(Fault.FULL, Moment.BEFORE_THE_PULL, Answer.RIGHT_BYTES, false),
                Arguments.of(Fault.FULL, Moment.IN_THE_MIDDLE_OF_THE_FILL, Answer.RIGHT_BYTES, false),
                Arguments.of(Fault.FULL, Moment.BEFORE_A_HIT, Answer.HIT, true),
                Arguments.of(Fault.FULL, Moment.BEFORE_A_START, Answer.HIT, true),
                Arguments.of(Fault.NOTHING_CAN_BE_MADE, Moment.BEFORE_THE_PULL, Answer.RIGHT_BYTES, false),
                Arguments.of(Fault.NOTHING_CAN_BE_MADE, Moment.IN_THE_MIDDLE_OF_THE_FILL, Answer.RIGHT_BYTES, false),
                Arguments.of(Fault.NOTHING_CAN_BE_MADE, Moment.BEFORE_A_HIT, Answer.HIT, true),
                Arguments.of(Fault.READ_ONLY, Moment.BEFORE_A_START, Answer.HIT, true),
                Arguments.of(Fault.UNREADABLE, Moment.BEFORE_A_HIT, Answer.AN_ERROR_OR_A_CUT_ONCE, false),
                Arguments.of(Fault.CUT_OFF, Moment.BEFORE_A_HIT, Answer.AN_ERROR_OR_A_CUT_ONCE, false),
                Arguments.of(Fault.LOST, Moment.BEFORE_A_HIT, Answer.AN_ERROR_OR_A_CUT_ONCE, false));
    }

    @ParameterizedTest(name = "{0}, {1}: {2}, kept: {3}")
    @MethodSource("table")
    void pullGoesOn_andTheStoreComesBack(Fault fault, Moment moment, Answer answer, boolean kept) throws Exception {
        switch (moment) {
            case BEFORE_THE_PULL -> fault.begin(this);
            case IN_THE_MIDDLE_OF_THE_FILL -> faultInTheMiddle(fault);
            case BEFORE_A_HIT -> {
                pullWhole();
                fault.begin(this);
            }
            case BEFORE_A_START -> {
                pullWhole();
                cache.close();
                fault.begin(this);
                cache = TestCache.of(folder, upstream);
            }
        }
        switch (answer) {
            case RIGHT_BYTES -> {
                if (moment == Moment.IN_THE_MIDDLE_OF_THE_FILL) {
                    // Whoever joins the fill that the fault has hit may be sent elsewhere; whoever comes then is not.
                    await().until(this::isWholeAndRight);
                } else {
                    assertThat(isRight(get())).isTrue();
                }
            }
            case HIT -> {
                HttpResponse<byte[]> hit = get();
                assertThat(isRight(hit)).isTrue();
                assertThat(hit.headers().firstValue("Larder-Outcome")).hasValue("hit");
            }
            case AN_ERROR_OR_A_CUT_ONCE -> {
                assertThat(isWholeAndRight()).isFalse();
                await().until(this::isWholeAndRight);
            }
        }
        if (answer != Answer.AN_ERROR_OR_A_CUT_ONCE) {
            assertThat(isStored()).isEqualTo(kept);
        }
        fault.mend(this);
        // Within a look at the disk, which comes every few seconds, everything is as before.
        await().atMost(Duration.ofSeconds(20)).until(() -> isWholeAndRight() && isStored());
        await().untilAsserted(() -> assertThat(cache.admin("/status")).contains("\"writable\" : true"));
        await().untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
        cache.restart();
        upstream.forgetRequests();
        assertThat(isRight(get())).isTrue();
        assertThat(upstream.requests()).isEmpty();
    }

    private void faultInTheMiddle(Fault fault) throws Exception {
        upstream.misbehave().pauseMillis = 20;
        HttpResponse<InputStream> open = cache.open("/v2/library/app/blobs/" + image.layer());
        byte[] begun = open.body().readNBytes(LAYER / 4);
        fault.begin(this);
        byte[] rest = open.body().readAllBytes();
        upstream.misbehave().pauseMillis = 0;
        assertThat(Arrays.equals(begun, Arrays.copyOf(image.layerBytes(), begun.length)))
                .isTrue();
        assertThat(Arrays.equals(rest, Arrays.copyOfRange(image.layerBytes(), begun.length, LAYER)))
                .isTrue();
    }

    private void pullWhole() throws Exception {
        assertThat(isRight(get())).isTrue();
        await().until(this::isStored);
    }

    private HttpResponse<byte[]> get() throws IOException, InterruptedException {
        return cache.get("/v2/library/app/blobs/" + image.layer());
    }

    private boolean isRight(HttpResponse<byte[]> answer) {
        return answer.statusCode() == 200 && Arrays.equals(answer.body(), image.layerBytes());
    }

    /** Not right is an error or a body that ends early; a whole body of wrong bytes is never. */
    private boolean isWholeAndRight() throws InterruptedException {
        try {
            HttpResponse<byte[]> answer = get();
            assertThat(answer.statusCode() != 200 || isRight(answer)).isTrue();
            return isRight(answer);
        } catch (IOException e) {
            return false;
        }
    }

    private Path layerFile() {
        String hex = image.layer().hex();
        return store.resolve("v1/blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex);
    }

    private boolean isStored() {
        return Files.isRegularFile(layerFile());
    }
}

package dev.larder.nodecache.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.upstream.UpstreamResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What other tags of a repository mean, before an image is taken away that may be theirs. */
final class TargetTags {

    private static final int MOST = 500;
    private static final int MAX_LIST = 1 << 20;
    private static final Duration IN_ALL = Duration.ofSeconds(20);
    private static final JsonFactory JSON = new JsonFactory();

    private final TargetRepository target;

    TargetTags(TargetRepository target) {
        this.target = target;
    }

    /** Whether another tag means the image, or may: tags are not listed there, or more than can be asked about in time. */
    boolean mayHaveAnother(Digest image, Set<Tag> but) throws InterruptedException {
        Deadline deadline = Deadline.in(IN_ALL);
        Optional<List<Tag>> listed = list();
        if (listed.isEmpty() || listed.get().size() > MOST) {
            return true;
        }
        for (Tag tag : listed.get()) {
            if (!but.contains(tag)
                    && (deadline.isOver()
                            || target.digestOf(new Reference.ByTag(tag)).equals(Optional.of(image)))) {
                return true;
            }
        }
        return false;
    }

    /** end-8b, the first page; empty when it is not all of them, or no list. */
    private Optional<List<Tag>> list() throws InterruptedException {
        try (UpstreamResponse response = target.get("tags/list?n=" + (MOST + 1))) {
            if (response.status() != 200 || response.header("link").isPresent()) {
                return Optional.empty();
            }
            return Optional.of(tags(response.readAll(MAX_LIST, Deadline.in(IN_ALL))));
        } catch (IOException | InvalidRequest e) {
            return Optional.empty();
        } catch (UpstreamFailure e) {
            if (e.kind() == UpstreamFailure.Kind.MALFORMED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static List<Tag> tags(byte[] list) throws IOException {
        List<Tag> tags = new ArrayList<>();
        try (JsonParser json = JSON.createParser(list)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object");
            }
            for (@Nullable String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                if (json.nextToken() != JsonToken.START_ARRAY || !field.equals("tags")) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    tags.add(new Tag(json.getText()));
                }
            }
        }
        return tags;
    }
}

package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryKey;

/** What is asked for, by the endpoints of the distribution specification. */
public sealed interface Route {

    /** The route's kind, for logs and metrics. */
    String kind();

    /** end-1. */
    record Root() implements Route {
        @Override
        public String kind() {
            return "other";
        }
    }

    /** A request about one repository. */
    sealed interface InRepository extends Route {
        RepositoryKey repository();
    }

    /** end-3. */
    record Manifest(RepositoryKey repository, Reference reference) implements InRepository {
        @Override
        public String kind() {
            return "manifest";
        }
    }

    /** end-2. */
    record Blob(RepositoryKey repository, Digest digest) implements InRepository {
        @Override
        public String kind() {
            return "blob";
        }
    }

    /** end-8. The query is the client's without {@code ns}, still encoded. */
    record Tags(RepositoryKey repository, String query) implements InRepository {
        @Override
        public String kind() {
            return "tags";
        }
    }

    /** end-12. The query is the client's without {@code ns}, still encoded. */
    record Referrers(RepositoryKey repository, Digest subject, String query) implements InRepository {
        @Override
        public String kind() {
            return "referrers";
        }
    }
}

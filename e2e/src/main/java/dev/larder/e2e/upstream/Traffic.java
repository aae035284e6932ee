package dev.larder.e2e.upstream;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The requests that reached the upstream in some stretch of time. */
public record Traffic(List<UpstreamRequest> requests) {
    public Traffic {
        requests = List.copyOf(requests);
    }

    /** Takes out what a log holds that others go on writing to. */
    static Traffic takenFrom(CopyOnWriteArrayList<UpstreamRequest> log) {
        List<UpstreamRequest> taken = List.copyOf(log);
        log.removeAll(taken);
        return new Traffic(taken);
    }

    public int count() {
        return requests.size();
    }

    public long bytes() {
        return requests.stream().mapToLong(UpstreamRequest::bytes).sum();
    }

    /** The part of it that containerd sent by itself, past the cache. */
    public Traffic direct() {
        return new Traffic(
                requests.stream().filter(request -> request.call().direct()).toList());
    }

    public Traffic blobs() {
        return new Traffic(
                requests.stream().filter(request -> request.call().ofBlob()).toList());
    }
}

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

    /**
     * The part of it that asked for something in an image's repository: of what a test before still had under way, nothing.
     *
     * @param image by tag or digest, as pods name it; without a path it is one of Docker Hub's {@code library}
     */
    public Traffic of(String image) {
        String name = image.replaceFirst("@.*", "").replaceFirst(":[^/:]*$", "");
        String path = "/v2/" + (name.contains("/") ? name : "library/" + name) + "/";
        return new Traffic(requests.stream()
                .filter(request -> request.call().path().startsWith(path))
                .toList());
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

    /**
     * The part of it that was not refused for want of a login: a kubelet that has not got a pod's new Secret within a second
     * pulls without it, and then once more with it.
     */
    public Traffic admitted() {
        return new Traffic(
                requests.stream().filter(request -> request.status() != 401).toList());
    }

    public Traffic blobs() {
        return new Traffic(
                requests.stream().filter(request -> request.call().ofBlob()).toList());
    }
}

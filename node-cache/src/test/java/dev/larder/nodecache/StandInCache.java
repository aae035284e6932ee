package dev.larder.nodecache;

import dev.larder.nodecache.watchdog.PidFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process in the node cache's place: says who it is, listens, and answers every request with 200. */
public final class StandInCache {

    private StandInCache() {}

    /** Takes the port and the run directory. */
    public static void main(String[] arguments) throws IOException {
        PidFile.self().write(Path.of(arguments[1]));
        try (ServerSocket server =
                new ServerSocket(Integer.parseInt(arguments[0]), 50, InetAddress.getLoopbackAddress())) {
            while (true) {
                try (Socket socket = server.accept()) {
                    answer(socket);
                }
            }
        }
    }

    private static void answer(Socket socket) throws IOException {
        byte[] request = new byte[4096];
        if (socket.getInputStream().read(request) > 0) {
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                            .getBytes(StandardCharsets.US_ASCII));
        }
    }
}

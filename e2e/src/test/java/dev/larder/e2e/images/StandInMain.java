package dev.larder.e2e.images;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The smallest program with the habits of ours: it answers on a port until it is told to end. */
public final class StandInMain {
    private StandInMain() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("--version")) {
            System.out.println("stand-in 1");
            return;
        }
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])), 8);
        server.createContext("/readyz", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }
}

package turnout.gateway.app;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Takes SIGTERM and SIGINT away from the JVM, which would answer them with exit code 143 or 130 and cannot be hurried by a second one.
 *
 * <p>By reflection: {@code sun.misc.Signal} is exported and stable, but naming it is a compiler warning that cannot be switched off.
 */
final class Signals {
    private Signals() {}

    /**
     * Runs the action on every such signal, on a thread of its own.
     *
     * @return false where this JVM offers no way; signals then end it as usual
     */
    static boolean handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            InvocationHandler invocation = (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    action.run();
                    return null;
                }
                return switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> arguments != null && proxy == arguments[0];
                    default -> "signal handler";
                };
            };
            Object handler =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handlerType}, invocation);
            for (String name : new String[] {"TERM", "INT"}) {
                signal.getMethod("handle", signal, handlerType)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
            }
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}

@NullMarked
package turnout.backend.onnx;

import org.jspecify.annotations.NullMarked;

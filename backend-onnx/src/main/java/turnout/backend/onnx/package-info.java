/**
 * Serves ONNX files with ONNX Runtime. Read {@link turnout.backend.onnx.OnnxProvider}, then {@code OnnxBackend}, {@code OnnxLoader} and
 * {@code OnnxServable}.
 */
@NullMarked
package turnout.backend.onnx;

import org.jspecify.annotations.NullMarked;

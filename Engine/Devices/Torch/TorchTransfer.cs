using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>Numbers from managed memory to tensors and back.</summary>
internal static unsafe class TorchTransfer
{
    /// <summary>A span holds 2 GiB at most, and a staging copy should be much smaller.</summary>
    private const long FloatsAtOnce = 16 << 20;

    /// <summary>A tensor (rows, columns) with a copy of the values.</summary>
    public static Tensor ToTensor(ReadOnlySpan<float> values, long rows, long columns, Device device)
    {
        var tensor = empty(rows, columns, ScalarType.Float32);
        values.CopyTo(Floats(tensor));
        return tensor.to(device);
    }

    /// <summary>Copies a tensor's values, row after row.</summary>
    public static void CopyTo(Tensor tensor, Span<float> destination) => Floats(tensor.cpu().contiguous()).CopyTo(destination);

    /// <summary>The dequantized matrix: (rows, columns) in f32.</summary>
    public static Tensor ToTensor(WeightMatrix matrix, Device device, LoadMonitor monitor)
    {
        var tensor = empty(matrix.Rows, matrix.Columns, ScalarType.Float32, device);
        var rowsAtOnce = RowsAtOnce(matrix.Columns);
        for (var first = 0L; first < matrix.Rows; first += rowsAtOnce)
        {
            var count = Math.Min(rowsAtOnce, matrix.Rows - first);
            using var part = tensor.narrow(0, first, count);
            if (device.type == DeviceType.CPU)
            {
                Dequantize(matrix, first, count, Floats(part));
            }
            else
            {
                using var staging = empty(count, matrix.Columns, ScalarType.Float32);
                Dequantize(matrix, first, count, Floats(staging));
                part.copy_(staging);
            }

            monitor.Advance(count * matrix.RowBytes);
        }

        return tensor;
    }

    /// <summary>Rows of a matrix that are handled together, so that they take bounded memory; at least one.</summary>
    public static long RowsAtOnce(long columns) => Math.Max(1, FloatsAtOnce / columns);

    private static void Dequantize(WeightMatrix matrix, long first, long count, Span<float> values)
    {
        fixed (float* start = values)
        {
            var address = (nint)start;
            Parallel.For(0, count, row =>
                matrix.ReadRow((int)(first + row), new Span<float>((float*)address + (row * matrix.Columns), matrix.Columns)));
        }
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}

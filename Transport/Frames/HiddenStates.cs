using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Transport.Frames;

/// <summary>Hidden states as the bytes of a wire type, and back.</summary>
/// <remarks>
/// <code>
/// f32   little endian, bits as they are in memory
/// f16   little endian, IEEE 754 binary16
/// q8    per token, per 32 values (the last block of a token may be shorter): f32 scale, then one i8 for each value
/// </code>
/// A block of q8 with NaN or an infinity in it comes back as NaN: what is broken stays visible.
/// </remarks>
public static unsafe class HiddenStates
{
    /// <summary>Values of a q8 block.</summary>
    internal const int BlockLength = 32;

    private const int MaxCode = 127;
    private const float LargestHalf = 65504f;

    // Below, a scale would lose its own bits; such a block is zero.
    private const float SmallestMaximum = 1e-30f;
    private const int ClampedAtOnce = 256;

    /// <summary>Bytes of one token's states.</summary>
    public static long BytesPerToken(WireType wire, int hiddenSize) => wire switch
    {
        WireType.F32 => (long)hiddenSize * sizeof(float),
        WireType.F16 => (long)hiddenSize * sizeof(ushort),
        WireType.Q8 => hiddenSize + ((((long)hiddenSize + BlockLength - 1) / BlockLength) * sizeof(float)),
        _ => throw new SwarmException("invalid_value", $"there is no wire type {(int)wire}; known are 0 to 2"),
    };

    /// <param name="wire">What they become.</param>
    /// <param name="states">(tokens, hiddenSize)</param>
    /// <param name="hiddenSize">Floats per token.</param>
    /// <param name="destination">Just as long as needed.</param>
    internal static void Encode(WireType wire, ReadOnlySpan<float> states, int hiddenSize, Span<byte> destination)
    {
        switch (wire)
        {
            case WireType.F32:
                MemoryMarshal.AsBytes(states).CopyTo(destination);
                break;
            case WireType.F16:
                EncodeHalves(states, destination);
                break;
            default:
                EncodeBlocks(states, hiddenSize, destination);
                break;
        }
    }

    /// <param name="wire">What they are.</param>
    /// <param name="source">Just as long as needed.</param>
    /// <param name="hiddenSize">Floats per token.</param>
    /// <param name="states">(tokens, hiddenSize)</param>
    internal static void Decode(WireType wire, ReadOnlySpan<byte> source, int hiddenSize, Span<float> states)
    {
        switch (wire)
        {
            case WireType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(states));
                break;
            case WireType.F16:
                DecodeHalves(source, states);
                break;
            default:
                DecodeBlocks(source, hiddenSize, states);
                break;
        }
    }

    private static void EncodeHalves(ReadOnlySpan<float> states, Span<byte> destination)
    {
        var clamped = stackalloc float[ClampedAtOnce];
        fixed (byte* bytes = destination)
        {
            for (var first = 0; first < states.Length; first += ClampedAtOnce)
            {
                var part = states.Slice(first, Math.Min(ClampedAtOnce, states.Length - first));
                Clamp(part, new Span<float>(clamped, part.Length));
                HalfConversion.ToHalf(clamped, (Half*)bytes + first, part.Length);
            }
        }
    }

    private static void DecodeHalves(ReadOnlySpan<byte> source, Span<float> states)
    {
        fixed (byte* bytes = source)
        fixed (float* floats = states)
        {
            HalfConversion.ToSingle((Half*)bytes, floats, states.Length);
        }
    }

    private static void Clamp(ReadOnlySpan<float> source, Span<float> destination)
    {
        var i = 0;
        for (; i <= source.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var values = Vector256.Create(source[i..]);
            Vector256.Clamp(values, Vector256.Create(-LargestHalf), Vector256.Create(LargestHalf)).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = Math.Clamp(source[i], -LargestHalf, LargestHalf);
        }
    }

    private static void EncodeBlocks(ReadOnlySpan<float> states, int hiddenSize, Span<byte> destination)
    {
        while (!states.IsEmpty)
        {
            for (var token = states[..hiddenSize]; !token.IsEmpty;)
            {
                var block = token[..Math.Min(BlockLength, token.Length)];
                EncodeBlock(block, destination);
                token = token[block.Length..];
                destination = destination[(sizeof(float) + block.Length)..];
            }

            states = states[hiddenSize..];
        }
    }

    private static void EncodeBlock(ReadOnlySpan<float> block, Span<byte> destination)
    {
        var maximum = 0f;
        foreach (var value in block)
        {
            // Keeps NaN, unlike a comparison.
            maximum = MathF.Max(maximum, MathF.Abs(value));
        }

        var scale = float.IsFinite(maximum) ? (maximum < SmallestMaximum ? 0 : maximum / MaxCode) : float.NaN;
        MemoryMarshal.Write(destination, scale);
        var codes = destination.Slice(sizeof(float), block.Length);
        if (!(scale > 0))
        {
            codes.Clear();
            return;
        }

        for (var i = 0; i < block.Length; i++)
        {
            codes[i] = (byte)(sbyte)Math.Clamp(MathF.Round(block[i] / scale), -MaxCode, MaxCode);
        }
    }

    private static void DecodeBlocks(ReadOnlySpan<byte> source, int hiddenSize, Span<float> states)
    {
        while (!states.IsEmpty)
        {
            for (var token = states[..hiddenSize]; !token.IsEmpty;)
            {
                var block = token[..Math.Min(BlockLength, token.Length)];
                var scale = MemoryMarshal.Read<float>(source);
                for (var i = 0; i < block.Length; i++)
                {
                    block[i] = (sbyte)source[sizeof(float) + i] * scale;
                }

                token = token[block.Length..];
                source = source[(sizeof(float) + block.Length)..];
            }

            states = states[hiddenSize..];
        }
    }
}

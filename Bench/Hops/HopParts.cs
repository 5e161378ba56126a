using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p.Noise;
using ManagedSwarm.Transport.Libp2p.PrivateNetwork;

namespace ManagedSwarm.Bench.Hops;

/// <summary>What of a hop can be done alone, in one thread: microseconds, the median of many.</summary>
internal sealed class HopParts : IDisposable
{
    private const int Times = 5000;

    private readonly ArrayBufferWriter<byte> _output = new(64 << 10);
    private readonly StepBatch _batch = new(1, 0, [], [new Segment(1, 1, 1)], HopChain.HiddenSize);
    private readonly StepFrameWriter _writer;
    private readonly StepFrameReader _reader = new(HopChain.HiddenSize, WireType.F32, FrameLimits.ForSteps(512, HopChain.HiddenSize, WireType.F32));
    private readonly List<HopTime> _trace = [];
    private readonly byte[] _frame;
    private StepBatch? _read;

    public HopParts()
    {
        _writer = new(new FrameWriter(_output, FrameLimits.Default), WireType.F32);
        Write();
        _frame = _output.WrittenSpan[FramePrefix.Size..].ToArray();
    }

    /// <summary>Bytes of a step's frame.</summary>
    public int FrameBytes => _frame.Length + FramePrefix.Size;

    /// <summary>The frame's header, and a copy of the hidden states into the pipe's buffer.</summary>
    public double Encode() => Median(Write);

    /// <summary>The frame's header, and a copy of the hidden states into the batch.</summary>
    public double Decode() => Median(() => _read = _reader.Read(new ReadOnlySequence<byte>(_frame), _trace, _read));

    /// <summary>
    /// A frame's copy, of which there is one at either side beside those above: into the message that is sealed, and out of the one opened.
    /// </summary>
    public double Copy()
    {
        var target = new byte[_frame.Length];
        return Median(() => _frame.CopyTo(target, 0));
    }

    /// <summary>Sealing and opening.</summary>
    public double Noise()
    {
        var key = RandomNumberGenerator.GetBytes(CipherState.KeyLength);
        using var sender = new CipherState(key);
        using var receiver = new CipherState(key);
        var (text, tag) = (new byte[FrameBytes], new byte[CipherState.TagLength]);
        return Median(() =>
        {
            sender.Seal(text, tag);
            if (!receiver.TryOpen(text, tag))
            {
                throw new InvalidOperationException("what was sealed cannot be opened");
            }
        });
    }

    /// <summary>Hiding and showing.</summary>
    public double PrivateNetwork()
    {
        var (key, nonce) = (RandomNumberGenerator.GetBytes(XSalsa20.KeyLength), RandomNumberGenerator.GetBytes(XSalsa20.NonceLength));
        var (sender, receiver, text) = (new XSalsa20(key, nonce), new XSalsa20(key, nonce), new byte[FrameBytes]);
        return Median(() =>
        {
            sender.Apply(text);
            receiver.Apply(text);
        });
    }

    public void Dispose()
    {
        _batch.Dispose();
        _read?.Dispose();
    }

    private static double Median(Action action)
    {
        var ticks = new long[Times];
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < Times; i++)
            {
                var start = Stopwatch.GetTimestamp();
                action();
                ticks[i] = Stopwatch.GetTimestamp() - start;
            }
        }

        Array.Sort(ticks);
        return ticks[Times / 2] * 1e6 / Stopwatch.Frequency;
    }

    private void Write()
    {
        _output.ResetWrittenCount();
        _writer.Write(_batch, 0, -1, []);
    }
}

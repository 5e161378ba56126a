using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Tests.Engine.Kernels;

public sealed unsafe class NativeBufferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4097)]
    [InlineData((2 << 20) - 1)]
    [InlineData((4 << 20) + 100)]
    public void Memory_is_zero_aligned_and_writable_to_its_end(int length)
    {
        using var buffer = NativeBuffer.Allocate(length, zeroed: true, "a test");
        var bytes = new Span<byte>(buffer.Pointer, length);
        Assert.Equal(length, buffer.Length);
        Assert.Equal(0, (nint)buffer.Pointer % 4096);
        Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
        bytes.Fill(7);
        Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)7));
    }

    [Fact]
    public void Big_memory_begins_at_a_huge_page()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only there are huge pages asked for");
        using var buffer = NativeBuffer.Allocate(5 << 20, zeroed: false, "a test");
        Assert.Equal(0, (nint)buffer.Pointer % (2 << 20));
    }

    [Fact]
    public void Disposed_memory_is_out_of_reach()
    {
        var buffer = NativeBuffer.Allocate(100, zeroed: false, "a test");
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (nint)buffer.Pointer);
    }

    [Fact]
    public void Disposed_memory_goes_back_to_the_system()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere, memory is taken from the heap");

        // More than a process can address, were any of it kept.
        for (var i = 0L; i < 1 << 18; i++)
        {
            NativeBuffer.Allocate((1 << 30) + 1, zeroed: false, "a test").Dispose();
        }
    }

    [Theory]
    [InlineData(1L << 60)]
    [InlineData(long.MaxValue)]
    public void Says_how_much_cannot_be_had_and_for_what(long length)
    {
        var error = Assert.Throws<EngineException>(() => NativeBuffer.Allocate(length, zeroed: true, "tensor 'x'"));
        Assert.Equal("out_of_memory", error.Code);
        Assert.Contains("GiB for tensor 'x'", error.Message, StringComparison.Ordinal);
    }
}

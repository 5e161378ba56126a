using ManagedSwarm.Engine.Kernels.Packed;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

public sealed class WeightPrefetchTests
{
    [Theory]
    [InlineData("GenuineIntel", 0x000806F8, 0x6, true)]
    [InlineData("GenuineIntel", 0x000C06F2, 0x6, true)]
    [InlineData("AuthenticAMD", 0x00A20F12, 0x19, false)]
    [InlineData("AuthenticAMD", 0x00A10F11, 0x19, false)]
    [InlineData("AuthenticAMD", 0x00B00F21, 0x1A, true)]
    [InlineData("Another", 0x00B00F21, 0x1A, false)]
    public void Is_for_CPUs_that_were_faster_with_it(string vendor, int signature, int family, bool expected)
    {
        Assert.Equal(family, WeightPrefetch.Family(signature));
        Assert.Equal(expected, WeightPrefetch.IsUsefulTo(vendor, family));
    }
}

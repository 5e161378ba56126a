using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Tests.Engine.Sampling;

public sealed class PhiloxTests
{
    // kat_vectors of the authors' Random123 library, "philox4x32 10".
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Gives_the_known_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint e0, uint e1, uint e2, uint e3) =>
        Assert.Equal(new Philox.Words(e0, e1, e2, e3), Philox.Block(new Philox.Words(c0, c1, c2, c3), k0, k1));

    [Fact]
    public void Seed_choice_and_position_each_give_another_number()
    {
        var numbers = new HashSet<double>();
        foreach (var seed in (ulong[])[0, 1, 1UL << 32, ulong.MaxValue])
        {
            for (var choice = 0; choice < 10; choice++)
            {
                for (var position = 0; position < 100; position++)
                {
                    var number = Philox.Uniform(seed, choice, position);
                    Assert.InRange(number, 0, Math.BitDecrement(1.0));
                    numbers.Add(number);
                }
            }
        }

        Assert.Equal(4 * 10 * 100, numbers.Count);
    }
}

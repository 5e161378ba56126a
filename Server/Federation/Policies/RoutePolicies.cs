namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>Makes the policy that is asked for.</summary>
internal static class RoutePolicies
{
    public static IRoutePolicy Create(RouterOptions options) => options.Policy switch
    {
        RoutePolicyKind.Balanced => new StickyPolicy(new PrefixPolicy(isGuarded: true)),
        RoutePolicyKind.LeastBusy => new StickyPolicy(new LeastBusyPolicy()),
        RoutePolicyKind.Prefix => new StickyPolicy(new PrefixPolicy(isGuarded: false)),
        RoutePolicyKind.Random => new StickyPolicy(new RandomPolicy(Random.Shared)),
        RoutePolicyKind.Target => new TargetPolicy(options.Target ?? throw new ArgumentException("a target is missing", nameof(options))),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Policy, "no such policy"),
    };
}

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>Where the pages are, and what they are made of.</summary>
public static class PagePaths
{
    public const string Home = "/";
    public const string Chat = "/chat";
    public const string Swarm = "/swarm";

    /// <summary>Not <c>/models</c>, which is the API's.</summary>
    public const string Models = "/loaded";

    public const string SignIn = "/sign-in";
    public const string SignOut = "/sign-out";
    public const string Assets = "/assets";

    /// <summary>Blazor's connection.</summary>
    public const string Hub = "/_blazor";

    /// <summary>Where it begins.</summary>
    public const string HubNegotiation = Hub + "/negotiate";

    private const string Framework = "/_framework";

    /// <summary>Whether a path is a page's, or of what pages need; case does not matter, as it does not to routing.</summary>
    public static bool Owns(PathString path) => IsPage(path) || IsOpen(path) || IsOf(path, Hub) || IsOf(path, Framework) || path.Equals(SignOut);

    /// <summary>Whether it is one that people go to.</summary>
    public static bool IsPage(PathString path) =>
        !path.HasValue || path.Equals(Home) || path.Equals(Chat) || path.Equals(Swarm) || path.Equals(Models);

    /// <summary>Whether it says nothing about this node, so that those may have it who have not signed in.</summary>
    public static bool IsOpen(PathString path) => path.Equals(SignIn) || IsOf(path, Assets);

    private static bool IsOf(PathString path, string folder) => path.StartsWithSegments(folder);
}

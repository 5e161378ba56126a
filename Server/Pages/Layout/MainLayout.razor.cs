using ManagedSwarm.Server.Pages.Access;
using Microsoft.AspNetCore.Components;

namespace ManagedSwarm.Server.Pages.Layout;

/// <summary>What all pages have around them.</summary>
public partial class MainLayout
{
    private bool _isSignedIn;

    [Inject]
    private Visitor Visitor { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    // With a base, a fragment alone would lead to the start page.
    private string _here => new Uri(Navigation.Uri).AbsolutePath;

    protected override async Task OnInitializedAsync() => _isSignedIn = await Visitor.IsSignedInAsync();
}

using System.Text;
using ManagedSwarm.Server.Pages.Chat;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

public sealed class ChatRequestBodyTests
{
    [Fact]
    public void Has_the_settings_by_the_names_of_the_API()
    {
        var body = Write(new()
        {
            Id = "a",
            Model = "tales",
            SystemPrompt = "Be brief.",
            Sampling = new()
            {
                Temperature = 0.5,
                TopP = 0.9,
                TopK = 40,
                MinP = 0.05,
                TypicalP = 1,
                RepeatPenalty = 1.1,
                PresencePenalty = -1,
                FrequencyPenalty = 2,
                MaxTokens = 100,
                Seed = -3,
            },
            Turns = [new(TurnRole.User, "Hi"), new(TurnRole.Assistant, "Yes"), new(TurnRole.Assistant, ""), new(TurnRole.User, "So?")],
        });

        Assert.Equal(
            """
            {"model":"tales","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Yes"},
            {"role":"user","content":"So?"}],"stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.05,
            "typical_p":1,"repeat_penalty":1.1,"presence_penalty":-1,"frequency_penalty":2,"max_tokens":100,"seed":-3}
            """.Replace("\n", "", StringComparison.Ordinal),
            body);
    }

    [Fact]
    public void Leaves_out_what_is_not_set_but_a_seed() => Assert.Equal(
        """{"messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true},"seed":99}""",
        Write(new() { Id = "a", SystemPrompt = "  ", Turns = [new(TurnRole.User, "Hi")] }));

    private static string Write(Conversation conversation) => Encoding.UTF8.GetString(ChatRequestBody.Of(conversation, seed: 99));
}

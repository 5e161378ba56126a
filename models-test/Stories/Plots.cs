namespace ManagedSwarm.ModelsTest.Stories;

/// <summary>
/// What can happen, beat by beat, as templates of <see cref="Grammar"/>. Nearly every sentence names somebody or something, so that a tale
/// of its own hero and thing has few stretches in common with others.
/// </summary>
public static class Plots
{
    public static IReadOnlyList<string> Openings { get; } =
    [
        "Once upon a time there was {a nature} {hero} named {called}, who lived {place}.",
        "{Called} was {a nature} {hero} who [lived|had a little house|liked to sit|had a warm bed] {place}.",
        "{Place} there lived {a nature} {hero} [called|named] {called}.",
        "Long ago, {a nature} {hero} [called|named] {called} [lived|had a home] {place}.",
        "There was once {a hero} named {called}, and {he} was very {nature}.",
        "In a [faraway|small|warm|windy] land lived {called}, {a nature} {hero}.",
    ];

    /// <summary>The plots that fit every thing.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Common { get; } =
    [
        [
            "{Name} had {a look} {thing} and [loved it dearly|took it everywhere|kept it under {his} bed|showed it to everyone].",
            "[One|But one] [morning|day|evening|windy night], the {thing} was gone.",
            "{Name} [looked|searched] [under the bed|behind the door|in the tall grass|in every corner] and {place2}, but [there was no {thing}|the {thing} was not there|{he} could not find the {thing}].",
            "[\"Where is my {thing}?\" {name} cried.|{Name} sat down and cried over the {thing}.|\"I have lost my {thing},\" said {name} with a sad face.]",
            "{A trait} {friend} [heard|saw] {name} and [came to help|stopped to ask what was wrong|ran over at once].",
            "[Together|Side by side], {name} and the {friend} [followed the footprints|looked again|walked a long way], and the {friend} found the {thing} {place2}.",
            "{Name} [hugged|thanked] the {friend} and [held the {thing} tight|never let go of the {thing} that day|danced with the {thing}].",
            "[From then on|After that], {name} [always put the {thing} in a safe place|shared the {thing} with the {friend}|and the {friend} looked after the {thing} together].",
        ],
        [
            "One [morning|day|afternoon], {name} found {a look} {thing} {place2}.",
            "[\"[Whose {thing} is this?|Who lost this {thing}?]\" [asked|wondered]|\"Such {a look} {thing} must belong to somebody,\" said] {name}.",
            "{He} [wanted|wished] to keep the {thing}, but {name} [knew that was not right|was too honest for that|thought of the one who had lost it].",
            "So {name} [carried|took] the {thing} [from door to door|to the market|all around the village] until {he} met {a trait} {friend}.",
            "\"That is my {thing}!\" [cried|said|shouted] the {friend}. \"[I looked for it all day.|My grandmother gave it to me.|I thought it was gone for good.]\"",
            "{Name} gave the {thing} back, and the {friend} [laughed with joy|jumped up and down|wept for joy].",
            "[To say thank you|In return], the {friend} [asked {name} to stay for supper|baked a cake for {name}|let {name} use the {thing} every Sunday].",
            "[So {name} lost a {thing} and found a friend.|{Name} went home without the {thing}, but with a friend.|And {name} learned that it feels good to give a {thing} back.]",
        ],
        [
            "{Name} [made|bought|was given] {a look} {thing} and [used it every day|was very proud of it|polished it each morning].",
            "[Then|But] one [day|morning|evening], {name} [dropped the {thing} on a stone|sat on the {thing}|let the {thing} fall], and it broke.",
            "\"[Oh no, my {thing}!|What shall I do without my {thing}?|My poor {thing}!]\" [cried|said|sighed] {name}.",
            "{A trait} {friend}, who [lived next door|was passing by|was good at mending], [looked at|picked up] the {thing}.",
            "\"[Do not cry, {called}|Do not worry, {called}|Cheer up, {called}],\" said the {friend}. \"[We can mend it together.|I know what to do.|It only needs some glue and some time.]\"",
            "{Name} held the {thing} while the {friend} [worked|fixed it|put the pieces together] [until sunset|all afternoon|by the light of the fire].",
            "[At last|In the end], the {thing} was [as good as new|even better than before|whole again], and {name} [clapped|laughed|cheered].",
            "[Now each time {name} sees the {thing}, {he} thinks of the {friend}.|{Name} gave the {friend} a big hug for mending the {thing}.|Since then {name} is careful with the {thing} and kind to the {friend}.]",
        ],
        [
            "{Name} [had|owned] {a look} {thing}, and {a trait} {friend} wanted [it too|to have it].",
            "\"[Give me the {thing}!|It is my turn with the {thing}!|I want that {thing}!]\" [shouted|said] the {friend}.",
            "\"[No, it is mine|Never|Go away],\" said {name}, and [held the {thing} behind {his} back|hid the {thing} {place2}|pulled the {thing} away].",
            "They [pulled and pulled|argued all morning|shouted at each other], until the {thing} [fell into the mud|flew through the air|rolled down the hill].",
            "[Now|Then] {name} and the {friend} [looked at the {thing} and were ashamed|stopped and were quiet|both felt sorry for the {thing}].",
            "\"[I am sorry, {called}|Let us be friends, {called}|Let us share, {called}],\" said the {friend}, and [they cleaned the {thing}|picked up the {thing} with care].",
            "{Name} [smiled|nodded|thought about it] and said, \"[You may have the {thing} in the mornings.|We can take turns with the {thing}.|Two can have more fun with a {thing} than one.]\"",
            "[So|And so] {name} and the {friend} shared the {look} {thing} and [were happy|never fought again|became the best of friends].",
        ],
        [
            "[It was almost the birthday of|Tomorrow was a great day for] {a trait} {friend}, who was the best friend of {name}.",
            "{Name} [had no money|looked through all {his} things|thought and thought], and [wanted to give|wished to give] the {trait} {friend} something [special|fine|that nobody else had].",
            "\"[I know|I have it]!\" said {name}. \"[I will make {a thing} myself.|The {friend} has always wanted {a thing}.|What the {friend} needs is {a thing}.]\"",
            "{Name} worked [all night|for three days|until {he} was tired|from dawn to dusk] {place2}, and then the {look} {thing} was [ready|done|finished].",
            "[At the party|The next day], the {friend} [opened the parcel|looked into the box|pulled off the paper] and saw the {look} {thing}.",
            "\"[A {look} {thing}! It is the best gift of all,|Oh, {called}, what a fine {thing},]\" [said|cried] the {friend}.",
            "{Name} [blushed|smiled|felt warm inside], because the {trait} {friend} [loved the {look} {thing} so much|put the {look} {thing} in the best place in the house|would not put the {look} {thing} down].",
            "[The {thing} is still there today, and {name} visits it often.|And {name} learned that {a thing} made with love is worth more than gold.|They had cake, and the {look} {thing} stood in the middle of the table.]",
        ],
        [
            "More than anything, {name} wished for {a thing}.",
            "[Every day|Each evening|Whenever {he} could], {name} [looked at the {look} {thing} in the shop window|dreamed of {a look} {thing}|drew a picture of {a thing}].",
            "\"[I must work for it|If I want {a thing}, I must earn it],\" said {name}, and went to {a trait} {friend}, who [lived|had a shop|had a farm] {place2}.",
            "The {trait} {friend} said, \"[Help me in the garden for a week, {called}, and I will find you {a thing}.|Sweep my floor and fetch my water, {called}, and the {thing} is yours.]\"",
            "{Name} [dug and planted|swept and carried|worked and sang] [until {he} could hardly stand|in sun and rain|without one bad word] while the {trait} {friend} [watched|smiled|hummed a tune].",
            "[On the last day|When the week was over], the {friend} [kept the promise|came with a bag] and gave {name} {a look} {thing}.",
            "{Name} [jumped for joy|could not believe it|ran home] with the {look} {thing} [in both hands|held high|close to {his} heart].",
            "[\"This {thing} is better than any other,\" said {name}, \"because I earned it.\"|And no {thing} was ever loved as much as the {thing} of {name}.|{Name} still helps the {friend}, even with no {thing} to win.]",
        ],
    ];

    /// <summary>How a thing helps; the beats before and after are the same for all.</summary>
    public static IReadOnlyDictionary<ThingUse, string> Help { get; } = new Dictionary<ThingUse, string>
    {
        [ThingUse.Light] = "{Name} held up the {look} {thing}, and [its light showed the way|a warm light fell on the path|the dark was not so dark any more].",
        [ThingUse.Sound] = "{Name} [played|sounded] the {look} {thing} [again and again|as loud as {he} could], and [all the neighbours heard it|help came from every side].",
        [ThingUse.Carry] = "{Name} [filled the {look} {thing} with water|put everything into the {look} {thing}|used the {look} {thing} to carry food and blankets], and [soon all was safe|that was just enough].",
        [ThingUse.Warm] = "{Name} [wrapped the {friend} in the {look} {thing}|put the {look} {thing} around the two of them|gave the {friend} the {look} {thing}], and [soon they were warm|the cold wind could not bite].",
        [ThingUse.Mend] = "With the {look} {thing}, {name} [fixed the roof|cleared the path|mended the bridge] [before night came|step by step], while the {friend} held on.",
        [ThingUse.Show] = "{Name} [looked at the {look} {thing}|held the {look} {thing} up to the light|trusted the {look} {thing}], and [then {he} knew where to go|it told them what to do].",
    };

    public static IReadOnlyList<string> BeforeHelp { get; } =
    [
        "{Name} had {a look} {thing}, but [everyone laughed at the {thing}|nobody thought the {thing} was of any use|{he} had never really needed the {thing}].",
        "[\"What do you want with that {thing}?\" asked|\"That {look} {thing} is good for nothing,\" said] {a trait} {friend}.",
        "[Then|But] one [night|evening|day|morning], [a great storm|thick fog|a heavy snow|a wild wind] came, and the {trait} {friend} was [lost|in trouble|all alone] {place2}.",
        "{Name} [took the {thing}|did not wait, but grabbed the {thing}|thought of the {thing}] and [ran out|hurried] to [help|find] the {friend}.",
    ];

    public static IReadOnlyList<string> AfterHelp { get; } =
    [
        "\"[You saved me, {called}|Thank you, {called}|I was wrong, {called}],\" said the {friend}. \"[I will never laugh at your {thing} again.|That {thing} is a wonder.|What a fine {thing} it is.]\"",
        "[From that day on|Since that day], {name} and the {friend} [are the best of friends, and the {thing} hangs over the door|take the {thing} on every walk|tell everyone about the {look} {thing}].",
    ];
}

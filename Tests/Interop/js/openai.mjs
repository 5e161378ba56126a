// OpenAI's own client against a server with the tests' fake model: node openai.mjs http://127.0.0.1:8080/v1
// Each check prints its name; the first that fails ends it with its reason.
import assert from 'node:assert/strict'
import OpenAI from 'openai'

const Text = 'Hëllo'
const TokenCount = 6
const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }]
const client = new OpenAI({ apiKey: 'none', baseURL: process.argv[2], maxRetries: 0 })

const checks = {
    async 'lists and retrieves models' () {
        const listed = []
        for await (const model of client.models.list()) listed.push(model.id)
        assert.deepEqual(listed, ['fake'])
        const model = await client.models.retrieve('fake')
        assert.deepEqual([model.id, model.object, model.owned_by], ['fake', 'model', 'managedswarm'])
        assert.ok(model.created > 0)
    },

    async 'completes a chat' () {
        const answer = await client.chat.completions.create({ model: 'fake', messages })
        assert.equal(answer.object, 'chat.completion')
        assert.equal(answer.choices[0].message.content, Text)
        assert.equal(answer.choices[0].finish_reason, 'stop')
        assert.equal(answer.usage.completion_tokens, TokenCount)
        assert.equal(answer.usage.total_tokens, 'Be brief.Hi'.length + TokenCount)
    },

    async 'completes a chat with choices, limits and log-probabilities' () {
        const answer = await client.chat.completions.create({
            model: 'fake', messages, n: 3, max_completion_tokens: 3, logprobs: true, top_logprobs: 2, temperature: 0.5, seed: 7, stop: ['x']
        })
        assert.deepEqual(answer.choices.map(choice => [choice.index, choice.finish_reason]), [[0, 'length'], [1, 'length'], [2, 'length']])
        assert.deepEqual(answer.choices.map(choice => choice.logprobs.content.length), [3, 3, 3])
        assert.equal(answer.choices[0].logprobs.content[0].top_logprobs.length, 2)
    },

    async 'streams a chat' () {
        const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true, stream_options: { include_usage: true } })
        const chunks = []
        for await (const chunk of stream) chunks.push(chunk)
        assert.equal(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join(''), Text)
        assert.equal(new Set(chunks.map(chunk => chunk.id)).size, 1)
        assert.equal(chunks.at(-1).usage.completion_tokens, TokenCount)
    },

    async 'streams a chat with its helper' () {
        const final = await client.chat.completions.stream({ model: 'fake', messages, temperature: 0 }).finalChatCompletion()
        assert.equal(final.choices[0].message.content, Text)
        assert.equal(final.choices[0].finish_reason, 'stop')
    },

    async 'completes a text, whole and as a stream' () {
        const answer = await client.completions.create({ model: 'fake', prompt: 'ab', echo: true })
        assert.equal(answer.choices[0].text, 'ab' + Text)
        let text = ''
        for await (const chunk of await client.completions.create({ model: 'fake', prompt: 'ab', stream: true, seed: 1 })) text += chunk.choices[0].text
        assert.equal(text, Text)
    },

    async 'completes many at once' () {
        const answers = await Promise.all(Array.from({ length: 20 }, () => client.chat.completions.create({ model: 'fake', messages })))
        assert.ok(answers.every(answer => answer.choices[0].message.content === Text))
        assert.equal(new Set(answers.map(answer => answer.id)).size, 20)
    },

    async 'reads headers' () {
        const { response } = await client.chat.completions.create({ model: 'fake', messages }).withResponse()
        assert.equal(response.status, 200)
        assert.match(response.headers.get('content-type'), /^application\/json/)
    },

    async 'stops in the middle of a stream' () {
        const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true })
        for await (const chunk of stream) {
            assert.ok(chunk.id)
            break
        }
        assert.ok(stream.controller.signal.aborted)
    },

    async 'tells errors apart' () {
        await assert.rejects(client.chat.completions.create({ model: 'another', messages }), error => {
            assert.ok(error instanceof OpenAI.NotFoundError)
            assert.equal(error.code, 'model_not_found')
            return true
        })
        for (const stream of [false, true]) {
            await assert.rejects(client.chat.completions.create({ model: 'fake', messages, stream, temperature: -1 }), error => {
                assert.ok(error instanceof OpenAI.BadRequestError)
                assert.equal(error.param, 'temperature')
                return true
            })
        }
        await assert.rejects(client.models.retrieve('another'), OpenAI.NotFoundError)
    }
}

for (const [name, check] of Object.entries(checks)) {
    await check()
    console.log(name)
}

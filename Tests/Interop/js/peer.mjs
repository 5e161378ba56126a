// A libp2p peer that is driven line by line over stdin and stdout, and ends when stdin does.
//
//   in    {"id":1,"do":"start","swarmKey":"...","prologue":"00ff","earlyMuxer":false}     the first line; see node.mjs for what it may say
//         {"id":2,"do":"echo","peer":"12D3KooW...","bytes":16384}                         see commands.mjs
//   out   {"id":2,"ok":{...}} or {"id":2,"error":{"name":"...","message":"..."}}          in any order
//         {"event":"connected","peer":"...","direction":"inbound"}                        what happens by itself

import { createInterface } from 'node:readline'
import { createCommands } from './commands.mjs'
import { reportKad } from './kad.mjs'
import { createNode } from './node.mjs'
import { protocols, serve } from './protocols.mjs'
import { named } from './streams.mjs'

const say = message => process.stdout.write(`${JSON.stringify(message)}\n`)
const describe = error => error && { name: error.name, message: error.message }

let node
let commands = { start }

async function start (options) {
    node = await createNode(
        options,
        error => say({ event: 'refused', error: describe(error) }),
        ({ id, multiaddrs }) => say({ event: 'discovered', peer: id.toString(), addresses: multiaddrs.map(String) })
    )
    await serve(node, (protocol, peer, error) => say({ event: 'streamEnded', protocol, peer: peer.toString(), error: describe(error) }))
    reportConnections()
    reportGossip()
    reportKad(node, peer => say({ event: 'kadAdded', peer: peer.toString() }))
    commands = createCommands(node)
    return { peer: node.peerId.toString(), addresses: node.getMultiaddrs().map(String), protocols }
}

function reportConnections () {
    for (const [type, event] of [['connection:open', 'connected'], ['connection:close', 'disconnected']]) {
        node.addEventListener(type, ({ detail: { remotePeer, direction, multiplexer } }) => {
            say({ event, peer: remotePeer.toString(), direction, multiplexer })
        })
    }
    // Asked for by libp2p itself, once per connection; or pushed.
    node.addEventListener('peer:identify', ({ detail }) => {
        const { peerId, agentVersion, protocolVersion, protocols, listenAddrs, observedAddr } = detail
        const [addresses, observedAddress] = [listenAddrs.map(String), observedAddr?.toString()]
        say({ event: 'identified', peer: peerId.toString(), agentVersion, protocolVersion, protocols, addresses, observedAddress })
    })
}

function reportGossip () {
    const gossip = node.services.gossip
    for (const event of ['graft', 'prune']) {
        gossip?.addEventListener(`gossipsub:${event}`, ({ detail: { peerId, topic, direction } }) => {
            say({ event, peer: peerId.toString(), topic, direction })
        })
    }
    // Whoever has sent it here is the peer; only messages whose signatures are right come here.
    gossip?.addEventListener('gossipsub:message', ({ detail: { propagationSource, msg } }) => {
        const { from, topic, data, sequenceNumber } = msg
        const message = { from: from.toString(), topic, data: Buffer.from(data).toString('base64'), sequenceNumber: sequenceNumber.toString() }
        say({ event: 'message', peer: propagationSource.toString(), ...message })
    })
}

async function answer (line) {
    const { id, do: name, ...parameters } = JSON.parse(line)
    try {
        const command = commands[name] ?? (() => { throw named('UnknownCommandError', `there is no command '${name}'`) })
        say({ id, ok: await command(parameters) })
    } catch (error) {
        say({ id, error: describe(error) })
    }
}

createInterface({ input: process.stdin }).on('line', answer).on('close', () => process.exit(0))

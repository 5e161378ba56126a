// What the chat needs of the browser: keeps conversations, sends by Enter, stops by Escape, follows the reply.

const index = 'managedswarm.chat.1';
const maxChats = 50;
const maxCharacters = 2_000_000;

let listening;

const keyOf = id => `${index}.${id}`;

/** What is kept, the newest first. */
export function titles() {
    try {
        const list = JSON.parse(localStorage.getItem(index) ?? '[]');
        return Array.isArray(list) ? list.filter(one => typeof one?.id === 'string' && typeof one.title === 'string') : [];
    } catch {
        return [];
    }
}

function keep(list) {
    const shown = list.map(({ id, title, length }) => ({ id, title, length }));
    localStorage.setItem(index, JSON.stringify(shown));
    return shown;
}

/** The text of a conversation; null: there is none, or a longer one. */
export function load(id, maxLength) {
    try {
        const text = localStorage.getItem(keyOf(id));
        return text !== null && text.length <= maxLength ? text : null;
    } catch {
        return null;
    }
}

/** Keeps a conversation, first in the list; the oldest ones make room. */
export function save(id, title, text) {
    const list = [{ id, title, length: text.length }, ...titles().filter(one => one.id !== id)];
    const dropLast = () => localStorage.removeItem(keyOf(list.pop().id));
    while (list.length > 1 && (list.length > maxChats || list.reduce((sum, one) => sum + (one.length ?? 0), 0) > maxCharacters)) {
        dropLast();
    }

    for (; ;) {
        try {
            localStorage.setItem(keyOf(id), text);
            return keep(list);
        } catch {
            // Full, or forbidden.
            if (list.length <= 1) {
                return titles();
            }

            dropLast();
        }
    }
}

export function remove(id) {
    localStorage.removeItem(keyOf(id));
    return keep(titles().filter(one => one.id !== id));
}

export function clear() {
    for (const key of Object.keys(localStorage)) {
        if (key === index || key.startsWith(index + '.')) {
            localStorage.removeItem(key);
        }
    }
}

const composer = () => document.getElementById('chat-question');

/** Puts a text where questions are typed. */
export function write(text) {
    composer().value = text;
    composer().focus();
}

/** Begins to listen; gives the titles of what is kept. */
export async function start(root, page, pageScript) {
    const { copyText, sayDone } = await import(pageScript);
    stop();
    listening = new AbortController();
    const { signal } = listening;

    const send = async () => {
        const text = composer().value;
        if (text.trim() === '' || root.dataset.running === 'true') {
            return;
        }

        composer().value = '';
        let isTaken = false;
        try {
            isTaken = await page.invokeMethodAsync('Ask', text);
        } finally {
            if (!isTaken && composer()?.value === '') {
                composer().value = text;
            }
        }
    };

    root.addEventListener('keydown', event => {
        if (event.target === composer() && event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            send();
        }
    }, { signal });
    root.addEventListener('submit', event => {
        event.preventDefault();
        send();
    }, { signal });
    document.addEventListener('keydown', event => {
        if (event.key === 'Escape' && root.dataset.running === 'true') {
            page.invokeMethodAsync('Stop');
        }
    }, { signal });
    root.addEventListener('click', async event => {
        const button = event.target.closest('[data-copy-of]');
        if (button) {
            const source = button.closest(button.dataset.copyOf).querySelector('pre, .chat-text');
            await copyText(source.dataset.text ?? source.innerText.trimEnd());
            sayDone(button);
        }
    }, { signal });
    follow(root.querySelector('.chat-log'), signal);
    return titles();
}

export function stop() {
    listening?.abort();
    listening = undefined;
}

// Whoever has scrolled up reads there.
function follow(log, signal) {
    const page = document.documentElement;
    const near = 120;
    let isAtEnd = true;
    document.addEventListener('scroll', () => {
        isAtEnd = page.scrollHeight - page.clientHeight - page.scrollTop < near;
    }, { signal, passive: true });
    const observer = new MutationObserver(() => {
        if (isAtEnd) {
            page.scrollTop = page.scrollHeight;
        }
    });
    observer.observe(log, { childList: true, subtree: true, characterData: true });
    signal.addEventListener('abort', () => observer.disconnect());
}

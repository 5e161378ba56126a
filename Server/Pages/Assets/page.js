// What pages need of the browser. Buttons with data-copy copy the text of the element of that id, also before the connection stands.

document.documentElement.classList.add('scripted');

// Blazor says nothing to people where its first connection fails.
addEventListener('unhandledrejection', () => {
    const fault = document.getElementById('blazor-error-ui');
    if (fault && !document.querySelector('main[data-connected]')) {
        fault.style.display = 'block';
    }
});

/** Puts a text into the clipboard; where the page is not from a secure origin, by way of a selection. */
export async function copyText(text) {
    if (navigator.clipboard && window.isSecureContext) {
        await navigator.clipboard.writeText(text);
        return;
    }

    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'offscreen';
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
}

/** Says for a moment on a button that it has done its work. */
export function sayDone(button) {
    button.dataset.done = 'true';
    setTimeout(() => delete button.dataset.done, 1500);
}

document.addEventListener('click', async event => {
    // Pages have a base: an empty address would be that, and not the page's.
    if (event.target.closest?.('[data-reload]')) {
        event.preventDefault();
        location.reload();
        return;
    }

    const button = event.target.closest?.('[data-copy]');
    const source = button && document.getElementById(button.dataset.copy);
    if (source) {
        await copyText(source.dataset.text ?? source.textContent);
        sayDone(button);
    }
});

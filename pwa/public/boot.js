// The last resort when the page stays empty because a file of the app is broken: replaced by a filter's
// page, cut off, or from a damaged cache. Deletes the caches, which the server fills again, and reloads:
// at most twice in a row, and only while our own server answers. After that it shows a message. Games are
// in IndexedDB, which nothing here touches.
//
// A file of its own, in old JavaScript, because the app itself may be what is broken.
(function () {
  'use strict';

  var EMPTY_AFTER_MS = 6000;
  var LOOK_AGAIN_MS = 5000;
  var MOST_REPAIRS = 2;
  var COUNT = 'neuroplay-repairs';
  // By language; the build writes them here (build/words.ts).
  var WORDS = {};
  var repairing = false;

  function isEmpty() {
    var root = document.getElementById('root');
    return !root || !root.querySelector(':scope > :not([data-boot])');
  }

  function repairs() {
    try {
      return Number(sessionStorage.getItem(COUNT)) || 0;
    } catch {
      return MOST_REPAIRS; // Without a counter, reloading might never end.
    }
  }

  function count(done) {
    try {
      sessionStorage.setItem(COUNT, String(done));
    } catch {
      // Then only the button repairs.
    }
  }

  function look() {
    if (isEmpty()) repair(repairs());
    else count(0);
  }

  function serverAnswers() {
    return fetch('/health/live', { cache: 'no-store' })
      .then(function (answer) {
        return answer.json();
      })
      .then(
        function (body) {
          return body.status === 'alive';
        },
        function () {
          return false;
        },
      );
  }

  function repair(done) {
    if (repairing) return;
    if (done >= MOST_REPAIRS) {
      tell();
      return;
    }
    repairing = true;
    serverAnswers().then(function (answers) {
      repairing = false;
      if (answers) {
        repairing = true;
        count(done + 1);
        emptyCaches(done > 0).then(reload, reload);
      } else if (isEmpty()) {
        tell();
        setTimeout(look, LOOK_AGAIN_MS);
      }
    });
  }

  function reload() {
    location.reload();
  }

  function emptyCaches(workersToo) {
    var asked = [];
    if (window.caches) {
      asked.push(
        caches.keys().then(function (names) {
          return Promise.all(
            names.map(function (name) {
              return caches.delete(name);
            }),
          );
        }),
      );
    }
    if (workersToo && navigator.serviceWorker) {
      asked.push(
        navigator.serviceWorker.getRegistrations().then(function (all) {
          return Promise.all(
            all.map(function (one) {
              return one.unregister();
            }),
          );
        }),
      );
    }
    // The browser's own cache may hold the same wrong file.
    document.querySelectorAll('script[src], link[rel=stylesheet]').forEach(function (element) {
      asked.push(fetch(element.src || element.href, { cache: 'reload' }));
    });
    return Promise.all(
      asked.map(function (one) {
        return one.catch(function () {});
      }),
    );
  }

  function tell() {
    var root = document.getElementById('root');
    if (!root || root.querySelector('[data-boot]')) return;
    var known = Object.keys(WORDS);
    var spoken = (navigator.language || '').slice(0, 2).toLowerCase();
    var tongue =
      known.filter(function (id) {
        return id.slice(0, 2) === spoken;
      })[0] || known[0];
    var words = WORDS[tongue];
    var box = document.createElement('main');
    var alert = document.createElement('div');
    var said = document.createElement('h1');
    var button = document.createElement('button');
    box.setAttribute('data-boot', '');
    box.lang = tongue;
    box.className = 'boot';
    alert.setAttribute('role', 'alert');
    said.textContent = words[0];
    button.textContent = words[1];
    button.className = 'paper-button main';
    button.onclick = function () {
      repair(0);
    };
    alert.appendChild(said);
    alert.appendChild(button);
    box.appendChild(alert);
    root.appendChild(box);
  }

  window.addEventListener(
    'error',
    function (event) {
      // A script of the page did not load.
      if (event.target && event.target.tagName === 'SCRIPT') setTimeout(look, 500);
    },
    true,
  );
  // A chunk of the app did not load; the app reports it only if no game is lost by a reload.
  window.addEventListener('neuroplay-part-missing', function () {
    repair(repairs());
  });
  setTimeout(look, EMPTY_AFTER_MS);
})();
